#pragma once

// The log text for a system call that fails over and over. Private to server/.

#include <cstddef>
#include <string>

namespace aio::server {

/// "Too many open files (this process may have 1024, see ulimit -n)".
std::string cause_of(int number);

/// The same for connections that would take what is left: `kept` descriptors stay free of them.
std::string cause_of_reserve(std::size_t kept);

} // namespace aio::server
