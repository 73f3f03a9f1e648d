#pragma once

// Writes text to a descriptor that may be full, closed, or a pipe without a reader.

#include <aio/base/api.hpp>

#include <chrono>
#include <string_view>

namespace aio::app {

/// Writes in pieces that do not block, and waits up to `patience` before each one. Returns 0 or an
/// errno: EAGAIN when the reader did not take it in time. Never throws. Uses system calls only:
/// async-signal-safe.
AIO_API int write_text(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept;

} // namespace aio::app
