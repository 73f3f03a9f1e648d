#pragma once

// A coroutine with a cancellation of its own that another one starts and waits for. Timeouts and
// calls between loops are made of it.

#include <aio/async/start_inline.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace aio::async {

/// The result of a coroutine or a function; empty for void.
template <typename T>
struct outcome {
    std::optional<T> value;

    T take() { return std::move(*value); }
};

template <>
struct outcome<void> {
    void take() const noexcept {}
};

/// Awaits `work` and keeps its value in `result`, which has to outlive it.
template <typename T>
task<void> keep_outcome(task<T> work, outcome<T>& result) {
    if constexpr (std::is_void_v<T>)
        co_await std::move(work);
    else
        result.value.emplace(co_await std::move(work));
}

/// One child at a time. Lives in the frame of the coroutine that waits.
class AIO_API child : private keeper, private waiter {
  public:
    child() = default;

    /// Runs `work` as a child. `awaits` is a literal: what the caller shows to await.
    /// Completes: when the child has ended.
    /// Loop: the caller's; the child runs there, too.
    /// Cancelled: the child is cancelled and waited for, also when the caller is cancelled before
    /// the first wait of the child; the result is the child's.
    /// Throws: what the child throws.
    task<void> run(task<void> work, const char* awaits);

    /// Cancels the child, also from inside it. Before a child has come to its first wait, also
    /// before run(), the cancellation is kept and takes effect at that wait.
    void cancel(boost::asio::cancellation_type how);

  protected:
    ~child();

  private:
    void ended(runner& runner, std::exception_ptr why) noexcept override;
    bool withdraw() noexcept override;

    runner* running_ = nullptr;
    std::exception_ptr why_;
    boost::asio::cancellation_type early_ =
        boost::asio::cancellation_type::none; ///< before its first wait
};

} // namespace aio::async
