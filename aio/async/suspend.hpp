#pragma once

// How a coroutine of aio waits: a primitive keeps a waiter in its own frame and suspends in it; the
// owner of what is waited for wakes it. It needs no allocation, and no executor on the way back.
//
//     struct sleeper final : waiter, timer { … };
//     sleeper one{…};
//     co_await one.suspend("sleep");
//     one.throw_if_cancelled();

#include <aio/async/loop.hpp>
#include <aio/async/work.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace aio::async {

/// One suspended coroutine. It may be used again after each wake-up. On the loop's thread only.
class AIO_API waiter : private work {
  public:
    waiter() noexcept : work(&waiter::act_on) {}

    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    /// True from suspension until the coroutine goes on.
    bool waiting() const noexcept { return go_on_ != nullptr; }

    /// Goes on later in this turn; again is harmless.
    void wake() noexcept;
    /// Resumes the coroutine before this returns. Only where a coroutine may run inside the call.
    void resume();

    /// Whether the coroutine was cancelled while it waited.
    bool cancelled() const noexcept { return cancelled_; }

    /// Throws boost::system::system_error with operation_aborted when cancelled() is true; after a
    /// begin() that threw, its exception.
    void throw_if_cancelled();

    /// The loop of the suspended coroutine. Only while waiting().
    loop& at() const noexcept { return *loop_; }

    /// Suspends the awaiting coroutine. `awaits` is what the task shows; valid during the wait.
    /// Completes: after wake() or resume().
    /// Loop: any of aio; another executor is a std::logic_error, thrown where the coroutine was
    /// started.
    /// Cancelled: withdraw() decides; then cancelled() is true, and the coroutine goes on.
    auto suspend(const char* awaits) noexcept { return operation{this, awaits}; }

    /// As suspend(), for a coroutine that has started something that uses its frame. suspend()
    /// would throw at once when the coroutine was cancelled since its last wait; this one suspends
    /// first, and such a cancellation counts as one that comes while it waits.
    auto outlast(const char* awaits) noexcept { return outlasting{this, awaits}; }

  protected:
    ~waiter();

    /// Called when the coroutine is suspended: hands the waiter to the one that will wake it. It
    /// may call wake(), but not resume(). If it throws, nobody holds the waiter: the coroutine goes
    /// on, cancelled() is true, and throw_if_cancelled() throws the exception. The same when there
    /// is no memory to notice a cancellation; then it is not called.
    virtual void begin() {}

    /// Called when the coroutine is cancelled or destroyed: takes the waiter back. False: another
    /// one still holds it and will wake it. The answer counts for a cancellation only.
    virtual bool withdraw() noexcept { return true; }

    /// Inside withdraw(): the kind of cancellation; none when it is destroyed.
    boost::asio::cancellation_type how() const noexcept { return how_; }

  private:
    friend class loop;

    struct operation {
        waiter* self;
        const char* awaits;

        template <boost::asio::completion_token_for<void()> Token>
        auto operator()(Token&& token) {
            waiter& waiting = *self;
            const char* text = awaits;
            return boost::asio::async_initiate<Token, void()>(
                [&waiting, text](auto&& handler) {
                    waiting.keep(std::forward<decltype(handler)>(handler), text);
                },
                token
            );
        }
    };

    /// Asio calls it when the coroutine is suspended, without the check of suspend().
    struct AIO_API outlasting {
        using frame = boost::asio::detail::awaitable_frame_base<boost::asio::any_io_executor>;
        using thread = boost::asio::detail::awaitable_thread<boost::asio::any_io_executor>;

        thread* operator()(frame* suspended) const;

        waiter* self;
        const char* awaits;
    };

    struct canceller {
        waiter* target;

        void operator()(boost::asio::cancellation_type how) const noexcept { target->cancel(how); }
    };

    template <typename Handler>
    void keep(Handler&& handler, const char* awaits) {
        using H = std::decay_t<Handler>;
        static_assert(sizeof(H) <= sizeof(memory_) && alignof(H) <= alignof(void*));
        const auto executor = boost::asio::get_associated_executor(handler);
        enter(executor, awaits);
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        new (memory_) H(std::forward<Handler>(handler));
        go_on_ = [](waiter& self, verdict verdict_) {
            H* kept = std::launder(reinterpret_cast<H*>(self.memory_));
            H handler_(std::move(*kept));
            kept->~H();
            self.go_on_ = nullptr;
            if (verdict_ == verdict::run)
                std::move(handler_)();
        };
        try {
            if (slot.is_connected())
                slot.template emplace<canceller>(canceller{this});
            begin();
        } catch (...) {
            not_begun();
        }
    }

    static void act_on(work& entry, verdict decision);
    void enter(const boost::asio::any_io_executor& executor, const char* awaits);
    void leave() noexcept;
    [[gnu::cold]] void not_begun() noexcept;
    void cancel(boost::asio::cancellation_type how) noexcept;
    void abandon() noexcept;

    void (*go_on_)(waiter&, verdict) = nullptr;
    alignas(void*) std::byte memory_[4 * sizeof(void*)];
    loop* loop_ = nullptr;
    task_node* node_ = nullptr;
    waiter* previous_ = nullptr;
    waiter* next_ = nullptr;
    bool cancelled_ = false;
    boost::asio::cancellation_type how_ = boost::asio::cancellation_type::none;
    std::exception_ptr why_; ///< what begin() threw
};

} // namespace aio::async
