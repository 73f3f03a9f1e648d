#pragma once

// The log text for a system call that fails over and over. Private to server/.

#include <string>

namespace aio::server {

/// "Too many open files (this process may have 1024, see ulimit -n)".
std::string cause_of(int number);

} // namespace aio::server
