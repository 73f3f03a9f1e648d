#include <aio/async/hop.hpp>

#include <boost/asio/this_coro.hpp>

#include <stdexcept>
#include <string>

namespace aio::async::hops {

// Carries the call to the other loop. If that loop ends first, the caller is told.
struct trip::ticket {
    std::shared_ptr<trip> of;

    explicit ticket(std::shared_ptr<trip> of_) : of(std::move(of_)) {}

    ticket(ticket&&) = default;
    ticket& operator=(ticket&&) = default;

    ~ticket() {
        if (!of)
            return;
        of->self_ = of;
        of->leave_lost();
    }

    void operator()() {
        const auto one = std::move(of);
        one->arrive();
    }
};

struct trip::traveller final : waiter {
    explicit traveller(trip& trip) : of_(trip) {}

    void begin() override {
        holds = at().hold_for(*of_.to_);
        of_.to_->post(ticket(of_.shared_from_this()));
    }

    // The caller continues when the other end has ended.
    bool withdraw() noexcept override {
        if (!of_.left_)
            of_.to_->post([self = of_.shared_from_this()] { self->cancel_there(); });
        return false;
    }

    trip& of_;
    bool holds = false;
};

trip::~trip() = default;

task<void> trip::go() {
    from_ = loop::of(co_await boost::asio::this_coro::executor);
    if (from_ == to_) {
        co_await call();
        co_return;
    }

    struct leaving {
        trip& of;

        ~leaving() {
            of.waits_ = false;
            of.traveller_ = nullptr;
        }
    };

    traveller me(*this);
    traveller_ = &me;
    waits_ = true;
    const leaving after{*this};
    co_await me.suspend("another loop");
    if (me.holds)
        from_->release();
    if (why_)
        std::rethrow_exception(std::exchange(why_, nullptr));
}

void trip::arrive() {
    self_ = shared_from_this();
    const std::string name = "a call from loop " + from_->name();
    std::exception_ptr why;
    running_ = start_inline(*to_, stay(), *this, why, {name, {}});
    if (!running_)
        leave(std::move(why));
}

// When the loop ends before the call is over, ended() is not called.
task<void> trip::stay() {
    struct leaving {
        trip& of;
        bool over = false;

        ~leaving() {
            if (!over)
                of.leave_lost();
        }
    } on_leave{*this};

    std::exception_ptr why;
    try {
        co_await call();
    } catch (...) {
        why = std::current_exception();
    }
    on_leave.over = true;
    if (why)
        std::rethrow_exception(why);
}

void trip::cancel_there() {
    if (running_)
        running_->cancel(boost::asio::cancellation_type::terminal);
}

void trip::ended(runner&, std::exception_ptr why) noexcept {
    running_ = nullptr;
    leave(std::move(why));
}

void trip::leave(std::exception_ptr why) noexcept {
    const auto self = std::move(self_);
    why_ = std::move(why);
    left_ = true;
    if (waits_)
        from_->post([self] {
            if (self->traveller_)
                self->traveller_->wake();
        });
}

void trip::leave_lost() noexcept {
    running_ = nullptr;
    leave(std::make_exception_ptr(std::runtime_error("the other loop has ended")));
}

} // namespace aio::async::hops
