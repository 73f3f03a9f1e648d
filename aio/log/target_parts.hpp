#pragma once

// What the search for a log and its opening have in common. Private to target.cpp and
// open_target.cpp.

#include <aio/log/target.hpp>

#include <sys/types.h>

#include <string>

namespace aio::log {

/// Throw the error of find_target() and open().
[[noreturn]] void refuse(const std::string& shown, const std::string& why);
[[noreturn]] void refuse(const std::string& shown, int error);

target_kind kind_of(mode_t mode);

} // namespace aio::log
