#pragma once

// What was logged in a turn of a loop is written out at the end of that turn at the latest.

#include <memory>

namespace aio::log {

class handler;

/// Flushes the handler once, behind what is ready on the loop that this thread runs: before the
/// loop waits again. False: this thread runs no loop, and the caller flushes.
bool flush_with_turn(const std::shared_ptr<handler>& target);

} // namespace aio::log
