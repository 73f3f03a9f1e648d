#pragma once

// Calls a function, or runs a coroutine, on another loop and returns its result on this one.

#include <aio/async/child.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

namespace aio::async {

namespace hops {

/// One call to another loop and back. It lives until both ends have released it.
class AIO_API trip : public std::enable_shared_from_this<trip>, private keeper {
  public:
    explicit trip(loop& loop) : to_(&loop) {}

    virtual ~trip();

    /// See on().
    task<void> go();

  protected:
    /// Runs on the other loop.
    virtual task<void> call() = 0;

  private:
    struct ticket;
    struct traveller;

    void arrive();
    task<void> stay();
    void cancel_there();
    void leave(std::exception_ptr why) noexcept;
    void leave_lost() noexcept;
    void ended(runner& runner, std::exception_ptr why) noexcept override;

    loop* to_;
    loop* from_ = nullptr;
    traveller* traveller_ = nullptr; ///< used on the home loop only
    runner* running_ = nullptr;      ///< used on the other loop only
    std::shared_ptr<trip> self_;     ///< set while the call is on the other loop
    /// Each end asks before it posts to the other, whose loop may have ended.
    std::atomic<bool> waits_{false}; ///< the caller waits on the home loop
    std::atomic<bool> left_{false};  ///< the other loop has ended the call, or was never reached
    std::exception_ptr why_;
};

template <typename F, typename T, bool Awaits>
class trip_to final : public trip {
  public:
    trip_to(loop& loop, F f) : trip(loop), f_(std::move(f)) {}

    outcome<T> result;

  private:
    task<void> call() override {
        if constexpr (Awaits)
            co_await keep_outcome(f_(), result);
        else if constexpr (std::is_void_v<T>)
            f_();
        else
            result.value.emplace(f_());
        co_return;
    }

    F f_;
};

} // namespace hops

/// Runs `f`, a function or a coroutine function, on the loop `target`; at once when that is the
/// caller's loop.
/// Completes: when `f` has completed; on the caller's loop.
/// Loop: any.
/// Cancelled: `f` is cancelled on its loop (terminal) and waited for; the result is that of `f`.
/// Throws: what `f` throws; std::runtime_error when the other loop ends before `f` has completed.
template <typename F>
auto on(loop& target, F f) -> task<typename awaited<std::invoke_result_t<F&>>::type> {
    using kind = awaited<std::invoke_result_t<F&>>;
    using T = typename kind::type;
    auto trip = std::make_shared<hops::trip_to<F, T, kind::coroutine>>(target, std::move(f));
    co_await trip->go();
    co_return trip->result.take();
}

} // namespace aio::async
