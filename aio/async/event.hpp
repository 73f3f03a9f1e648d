#pragma once

// A state that coroutines of one loop wait for. On the loop's thread only.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

namespace aio::async {

class AIO_API event {
  public:
    event() = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    /// When no coroutine waits.
    ~event() = default;

    bool is_set() const noexcept { return set_; }

    /// Wakes all that wait, later in this turn. Until reset(), wait() does not wait.
    void set() noexcept;

    void reset() noexcept { set_ = false; }

    /// Waits for set(). Any number may wait. `awaits` is what the task shows to await; it must
    /// stay valid as long as the wait.
    /// Completes: when the event is set; at once when it is set already.
    /// Loop: the event's.
    /// Cancelled: by any type; nothing has changed. Then operation_aborted.
    task<void> wait(const char* awaits = "event");

  private:
    struct waiting;

    waiting* first_ = nullptr;
    waiting* last_ = nullptr;
    bool set_ = false;
};

} // namespace aio::async
