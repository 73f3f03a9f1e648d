#pragma once

// Text to a descriptor that may be full, closed or a pipe nobody reads.

#include <aio/base/api.hpp>

#include <chrono>
#include <string_view>

namespace aio::app {

/// Writes in pieces that do not block, waiting up to `patience` before each one. Returns 0 or what
/// is wrong: EAGAIN when nobody took it in time. Never throws. Uses system calls only:
/// async-signal-safe.
AIO_API int write_text(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept;

} // namespace aio::app
