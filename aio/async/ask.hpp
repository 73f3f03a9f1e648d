#pragma once

// One question to several loops at once. A loop that is blocked does not hold up the answer.

#include <aio/async/clock.hpp>
#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::async {

namespace asking {

/// What the asking coroutine and the loops share. It ends with the last of them.
class AIO_API round : public std::enable_shared_from_this<round> {
  public:
    round(loop& home, std::size_t of_many) : home_(home), left_(of_many) {}

    virtual ~round();

    /// Asks the loops and waits for their answers. No loop is asked after it has completed.
    /// Completes: when all have answered, or after `limit`.
    /// Loop: home.
    /// Cancelled: no further loop is asked. Then operation_aborted.
    task<void> wait(std::vector<loop*> loops, duration limit);

  protected:
    /// Runs on the loop of that index.
    virtual void answer(std::size_t index, loop& loop) = 0;

  private:
    void visit(std::size_t index, loop& loop);

    loop& home_;
    std::size_t left_; ///< home
    event complete_;   ///< home
    std::atomic<bool> over_{false};
};

template <typename F, typename R>
class round_of final : public round {
  public:
    round_of(loop& home, std::size_t of_many, F f)
        : round(home, of_many), answers_(of_many), f_(std::move(f)) {}

    /// Called on the home loop.
    std::vector<std::optional<R>> take() {
        std::vector<std::optional<R>> all;
        for (answer_slot& each : answers_) {
            const bool there = each.there.load(std::memory_order_acquire);
            if (there && each.why)
                std::rethrow_exception(each.why);
            all.push_back(there ? std::move(each.value) : std::nullopt);
        }
        return all;
    }

  private:
    struct answer_slot {
        std::optional<R> value;
        std::exception_ptr why;
        std::atomic<bool> there{false};
    };

    void answer(std::size_t index, loop& loop) override {
        answer_slot& mine = answers_[index];
        try {
            mine.value.emplace(f_(loop));
        } catch (...) {
            mine.why = std::current_exception();
        }
        mine.there.store(true, std::memory_order_release);
    }

    std::vector<answer_slot> answers_;
    const F f_;
};

} // namespace asking

/// Calls `f(loop)` on each of the loops and returns their results in the same order; nothing for a
/// loop that has not answered. On such a loop `f` may still be running: what it refers to has to
/// live as long as the loop.
/// Completes: when all loops have answered, or after `limit`.
/// Loop: any.
/// Cancelled: no further loop is asked. Then operation_aborted.
/// Throws: the first error that `f` has thrown.
template <typename F>
auto ask(std::vector<loop*> loops, duration limit, F f)
    -> task<std::vector<std::optional<std::invoke_result_t<const F&, loop&>>>> {
    using R = std::invoke_result_t<const F&, loop&>;
    loop& home = *loop::of(co_await boost::asio::this_coro::executor);
    const auto round = std::make_shared<asking::round_of<F, R>>(home, loops.size(), std::move(f));
    co_await round->wait(std::move(loops), limit);
    co_return round->take();
}

} // namespace aio::async
