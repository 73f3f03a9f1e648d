#pragma once

// A coroutine started by another that waits for it, but with a cancellation of its own: what
// timeouts and hops between loops are made of.

#include <aio/async/start_inline.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio::async {

/// Where a coroutine or a function leaves what it returned. Nothing to keep for void.
template <typename T>
struct outcome {
    std::optional<T> value;

    T take() { return std::move(*value); }
};

template <>
struct outcome<void> {
    void take() const noexcept {}
};

/// Awaits `work` and keeps its value in `into`, which has to outlive it.
template <typename T>
task<void> keep_outcome(task<T> work, outcome<T>& into) {
    if constexpr (std::is_void_v<T>)
        co_await std::move(work);
    else
        into.value.emplace(co_await std::move(work));
}

/// One child at a time. Lives in the frame of the coroutine that waits.
class AIO_API child : private keeper, private waiter {
  public:
    child() = default;

    /// Starts `work` on this loop and waits until it has ended; its error comes out here. A
    /// cancellation of the waiting coroutine is passed on to the child.
    task<void> run(task<void> work, const char* what);

    /// Cancels what runs, also from inside it. Nothing runs: does nothing.
    void cancel(boost::asio::cancellation_type how);

  protected:
    ~child();

  private:
    void ended(runner& by, std::exception_ptr why) noexcept override;
    bool withdraw() noexcept override;

    runner* running_ = nullptr;
    std::exception_ptr why_;
    boost::asio::cancellation_type early_ = boost::asio::cancellation_type::none; ///< not begun yet
};

} // namespace aio::async
