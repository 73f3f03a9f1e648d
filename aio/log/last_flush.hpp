#pragma once

// Flushes that may never return, when the process is about to end.

#include <aio/log/node.hpp>

#include <chrono>

namespace aio::log {

/// Flushes every target on a thread of its own, so that one that hangs holds up no other, and waits
/// until all have returned, at most for `patience`. A thread that has not returned by then is left
/// behind, with its target: the process must end soon. False: a target is not flushed. Throws:
/// std::bad_alloc.
bool flush_within(std::chrono::milliseconds patience, const handlers& targets);

} // namespace aio::log
