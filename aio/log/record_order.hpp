#pragma once

// The order in which records reach a handler, compared with their times.

#include <chrono>

namespace aio::log {

/// A record gets its time before the handler's lock, so it may be this much older than a record
/// that another thread has written before it. What is older comes from a clock that was set back.
inline constexpr std::chrono::seconds latest_record{10};

} // namespace aio::log
