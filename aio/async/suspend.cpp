#include <aio/async/loop_executor.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/suspend.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>
#include <utility>

// Like start_inline.cpp, outlast() knows how Asio's awaitables are driven: by a thread object,
// which has the frames while they run and hands them to the handler of what they wait for.

namespace aio::async {

namespace {

using executor_type = boost::asio::any_io_executor;

struct continuation final : boost::asio::detail::awaitable_handler_base<executor_type, void> {
    using base = boost::asio::detail::awaitable_handler_base<executor_type, void>;

    explicit continuation(boost::asio::detail::awaitable_thread<executor_type>* running)
        : base(running) {}

    void operator()() {
        frame()->attach_thread(this);
        frame()->clear_cancellation_slot();
        pump();
    }
};

} // namespace

waiter::~waiter() {
    if (queued)
        loop_->forget(*this);
}

void waiter::enter(const boost::asio::any_io_executor& executor, const char* awaits) {
    const auto* ours = executor.target<loop_executor>();
    if (!ours)
        throw std::logic_error(std::string("awaiting ") + awaits + " outside of a loop of aio");
    loop_ = &ours->at();
    node_ = ours->task();
    cancelled_ = false;
    if (node_) {
        node_->awaits = awaits;
        node_->since = loop_->now();
    }
    previous_ = nullptr;
    next_ = loop_->waiters_;
    if (next_)
        next_->previous_ = this;
    loop_->waiters_ = this;
}

void waiter::leave() noexcept {
    (previous_ ? previous_->next_ : loop_->waiters_) = next_;
    if (next_)
        next_->previous_ = previous_;
    if (node_) {
        node_->awaits = nullptr;
        node_->since = loop_->now();
    }
}

void waiter::wake() noexcept {
    if (!queued && waiting())
        loop_->defer(*this);
}

void waiter::resume() {
    if (!waiting())
        return;
    if (queued)
        loop_->forget(*this);
    leave();
    const loop::run_of now(*loop_, node_);
    go_on_(*this, verdict::run);
}

void waiter::act_on(work& entry, verdict decision) {
    waiter& self = static_cast<waiter&>(entry);
    if (decision == verdict::run)
        self.resume();
    else
        self.abandon();
}

// The coroutine must not go on inside the handler of its own slot, which it destroys when it does.
void waiter::cancel(boost::asio::cancellation_type how) noexcept {
    if (queued || !waiting())
        return;
    how_ = how;
    const bool withdrawn = withdraw();
    how_ = boost::asio::cancellation_type::none;
    if (!withdrawn)
        return;
    cancelled_ = true;
    loop_->defer(*this);
}

// A coroutine that does not throw when it is cancelled has told that it goes on.
waiter::outlasting::thread* waiter::outlasting::operator()(frame* suspended) const {
    thread* const running = suspended->detach_thread();
    const auto before = running->throw_if_cancelled()
                            ? running->get_cancellation_state().cancelled()
                            : boost::asio::cancellation_type::none;
    waiter& waiting = *self; // this object lives in the frame
    waiting.keep(continuation(running), awaits);
    if (before != boost::asio::cancellation_type::none && runner::refuses_wait())
        waiting.cancel(before);
    return nullptr;
}

void waiter::abandon() noexcept {
    if (!waiting())
        return;
    if (queued)
        loop_->forget(*this);
    else
        withdraw();
    leave();
    go_on_(*this, verdict::drop);
}

// Called inside the handler of the exception.
void waiter::not_begun() noexcept {
    why_ = std::current_exception();
    cancelled_ = true;
    wake();
}

void waiter::throw_if_cancelled() {
    if (why_)
        std::rethrow_exception(std::exchange(why_, nullptr));
    if (cancelled_)
        throw boost::system::system_error(
            boost::asio::error::make_error_code(boost::asio::error::operation_aborted)
        );
}

} // namespace aio::async
