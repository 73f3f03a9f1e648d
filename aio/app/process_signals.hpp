#pragma once

// The signals that ask a process to stop, which of them it was told to ignore, and those that tell
// of a write that failed.

#include <aio/base/api.hpp>

#include <vector>

namespace aio::app {

/// SIGTERM, SIGINT and SIGHUP. The last two only unless the parent process ignored them: nohup
/// does, and so does a shell for what it runs in the background.
AIO_API std::vector<int> stop_signals();

/// Catches a signal and does nothing: a write that the signal tells of fails with its error, EPIPE
/// for SIGPIPE and EFBIG for SIGXFSZ. Not ignored: a program that is executed would inherit that. A
/// signal that is handled or ignored already is left alone.
AIO_API void catch_quietly(int signal) noexcept;

} // namespace aio::app
