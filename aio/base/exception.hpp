#pragma once

// What was thrown, in words.

#include <aio/base/api.hpp>

#include <exception>
#include <string>

namespace aio::base {

/// what() of a std::exception; that it is none, of anything else. Never of nullptr.
AIO_API std::string message_of(const std::exception_ptr& error);

} // namespace aio::base
