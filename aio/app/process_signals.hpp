#pragma once

// The signals that ask a process to stop, which of them it was started to ignore, and the signals
// that report a failed write.

#include <aio/base/api.hpp>

#include <vector>

namespace aio::app {

/// SIGTERM, SIGINT and SIGHUP. The last two only unless the parent process ignored them: nohup
/// does, and so does a shell for what it runs in the background.
AIO_API std::vector<int> stop_signals();

/// Catches a signal and does nothing, so that the failed write returns its error: EPIPE for
/// SIGPIPE, EFBIG for SIGXFSZ. The signal is not ignored, because executed programs would inherit
/// that. A signal that is already handled or ignored is left alone.
AIO_API void catch_quietly(int signal) noexcept;

} // namespace aio::app
