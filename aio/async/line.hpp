#pragma once

// Coroutines of one loop that wait for the same thing, which comes piece by piece: a place in a
// queue, or an item of it.

#include <aio/async/suspend.hpp>
#include <aio/base/api.hpp>

#include <concepts>
#include <utility>

namespace aio::async {

/// Only the first coroutine is woken. When it leaves the line, with its piece or because it was
/// cancelled, it wakes the one behind it, as long as there is something to take: one wake-up for
/// each piece, none is lost, and the order does not depend on who is resumed first. On the loop's
/// thread only.
class AIO_API line {
  public:
    template <std::predicate Ready>
    class place;

    line() = default;
    line(const line&) = delete;
    line& operator=(const line&) = delete;
    /// When no coroutine waits.
    ~line() = default;

    bool empty() const noexcept { return first_ == nullptr; }

    /// Wakes the first coroutine, later in this turn. Called when there is something to take.
    void wake_first() noexcept;

  private:
    class entry;

    entry* first_ = nullptr;
    entry* last_ = nullptr;
};

/// A coroutine in a line.
class AIO_API line::entry : public waiter {
  public:
    /// Whether no other coroutine is in front of it.
    bool first() const noexcept { return !ahead_; }

  protected:
    explicit entry(line& owner) noexcept;
    ~entry() = default;

    void leave() noexcept;

    line& owner_;

  private:
    friend class line;

    entry* ahead_;
    entry* behind_ = nullptr;
};

/// Lives in the frame of the coroutine until that has taken what it waits for. It keeps its place
/// when it is woken and another coroutine was faster. `ready` tells whether there is something to
/// take.
///
///     line::place mine(waiting, ready);
///     while (!ready()) {
///         co_await mine.suspend("…");
///         mine.throw_if_cancelled();
///     }
template <std::predicate Ready>
class line::place final : public entry {
  public:
    place(line& owner, Ready ready) : entry(owner), ready_(std::move(ready)) {}

    ~place() {
        leave();
        if (ready_())
            owner_.wake_first();
    }

  private:
    Ready ready_;
};

} // namespace aio::async
