#pragma once

// A coroutine that gives several values, one each time it is asked, and may wait in between:
//
//     aio::generator<int> numbers() {
//         for (int i = 1; i <= 3; ++i) {
//             co_await aio::sleep(1s);
//             co_yield i;
//         }
//     }
//
//     auto all = numbers();
//     while (auto number = co_await all.next())
//         use(*number);
//
// The body is no coroutine of Asio's. What it awaits is handed to the caller of next(), which
// awaits it in its place: a cancellation of the caller reaches the body.

#include <aio/async/child.hpp>
#include <aio/async/task.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace aio::async {

namespace generators {

/// The part of a body's promise that does not depend on the type it yields.
class promise_base {
  public:
    std::suspend_always initial_suspend() const noexcept { return {}; }

    std::suspend_always final_suspend() const noexcept { return {}; }

    void return_void() const noexcept {}

    void unhandled_exception() noexcept { failed_ = std::current_exception(); }

    template <typename U>
    auto await_transform(task<U> work) {
        return awaiting<U>{*this, std::move(work), {}};
    }

    auto await_transform(boost::asio::this_coro::executor_t) { return await_transform(executor()); }

    /// Marks the generator as asked while it lives.
    class asking {
      public:
        explicit asking(promise_base& promise) : of_(promise) {
            if (std::exchange(promise.asked_, true))
                throw std::logic_error("two coroutines wait for one generator at the same time");
        }

        asking(const asking&) = delete;
        asking& operator=(const asking&) = delete;

        ~asking() { of_.asked_ = false; }

      private:
        promise_base& of_;
    };

    /// What the body awaits now; an invalid task: nothing.
    task<void> wanted() noexcept { return std::move(wanted_); }

    void answer(std::exception_ptr why) noexcept {
        unanswered_ = false;
        failed_ = std::move(why);
    }

    void rethrow() {
        if (failed_)
            std::rethrow_exception(std::exchange(failed_, nullptr));
    }

  private:
    template <typename U>
    struct awaiting {
        promise_base& promise;
        task<U> work;
        outcome<U> result;

        bool await_ready() const noexcept { return false; }

        void await_suspend(std::coroutine_handle<>) {
            promise.wanted_ = keep_outcome(std::move(work), result);
            promise.unanswered_ = true;
        }

        U await_resume() {
            promise.resumed();
            return result.take();
        }
    };

    static task<boost::asio::any_io_executor> executor() {
        co_return co_await boost::asio::this_coro::executor;
    }

    // The coroutine that waited may have been destroyed meanwhile, and another one asks.
    void resumed() {
        if (std::exchange(unanswered_, false))
            throw boost::system::system_error(
                boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
            );
        rethrow();
    }

    task<void> wanted_;
    std::exception_ptr failed_;
    bool asked_ = false;
    bool unanswered_ = false;
};

} // namespace generators

/// Lifted as aio::generator. Nothing runs before the first next(). A generator may be destroyed
/// half-way, when no coroutine waits in next(): its frame is destroyed where it stands. On the
/// loop's thread only.
template <typename T>
class [[nodiscard]] generator {
  public:
    class promise_type final : public generators::promise_base {
      public:
        generator get_return_object() {
            return generator(std::coroutine_handle<promise_type>::from_promise(*this));
        }

        std::suspend_always yield_value(T value) {
            value_.emplace(std::move(value));
            return {};
        }

        std::optional<T> take() { return std::exchange(value_, std::nullopt); }

      private:
        std::optional<T> value_;
    };

    /// Empty: has no values.
    generator() = default;

    generator(generator&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}

    generator& operator=(generator&& other) noexcept {
        std::swap(body_, other.body_);
        return *this;
    }

    ~generator() {
        if (body_)
            body_.destroy();
    }

    /// The next value; nothing once the body has returned.
    /// Completes: when the body yields or returns.
    /// Loop: any, the same for all calls.
    /// Cancelled: what the body awaits is cancelled; the body may go on or end by it.
    /// Throws: what the body throws, which ends it; std::logic_error when another coroutine waits
    /// in next().
    task<std::optional<T>> next() { return next_of(body_); }

  private:
    using handle = std::coroutine_handle<promise_type>;

    explicit generator(handle body) noexcept : body_(body) {}

    static task<std::optional<T>> next_of(handle body) {
        if (!body)
            co_return std::nullopt;
        promise_type& its = body.promise();
        const generators::promise_base::asking until_answered(its);
        while (!body.done()) {
            body.resume();
            task<void> wanted = its.wanted();
            if (!wanted.valid())
                break;
            std::exception_ptr why;
            try {
                co_await std::move(wanted);
            } catch (...) {
                why = std::current_exception();
            }
            its.answer(std::move(why));
        }
        its.rethrow();
        co_return its.take();
    }

    handle body_;
};

} // namespace aio::async

namespace aio {

using async::generator;

}
