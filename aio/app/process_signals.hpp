#pragma once

// The signals that ask a process to stop, and which of them it was told to ignore.

#include <aio/base/api.hpp>

#include <vector>

namespace aio::app {

/// SIGTERM, SIGINT and SIGHUP. The last two only unless whoever started us ignored them: nohup, and
/// a shell what it runs in the background.
AIO_API std::vector<int> stop_signals();

} // namespace aio::app
