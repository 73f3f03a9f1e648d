#pragma once

// For asio.cpp, which may not see our other headers.

namespace aio::async {

/// As runner::refuses_wait().
bool refuses_wait() noexcept;

} // namespace aio::async
