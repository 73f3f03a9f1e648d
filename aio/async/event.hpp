#pragma once

// Something that happens and that others wait for. Loop's thread only.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

namespace aio::async {

class AIO_API event {
  public:
    event() = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    /// Nobody may wait any more.
    ~event() = default;

    bool is_set() const noexcept { return set_; }

    /// Lets all who wait go on, later in this turn; who waits from now on does not wait.
    void set() noexcept;

    void reset() noexcept { set_ = false; }

    /// At once when set. Any number may wait. Any cancellation ends it with operation_aborted.
    /// `what` is a literal, shown as what the task awaits.
    task<void> wait(const char* what = "event");

  private:
    struct waiting;

    waiting* first_ = nullptr;
    waiting* last_ = nullptr;
    bool set_ = false;
};

} // namespace aio::async
