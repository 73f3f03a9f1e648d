#include <aio/async/hop.hpp>

#include <boost/asio/this_coro.hpp>

namespace aio::async::hops {

struct trip::traveller final : waiter {
    explicit traveller(trip& of) : of_(of) {}

    void begin() override {
        at().hold();
        of_.to_->post([self = of_.shared_from_this()] { self->arrive(); });
    }

    // Comes back all the same, when the other end has ended.
    bool withdraw() noexcept override {
        of_.to_->post([self = of_.shared_from_this()] { self->cancel_there(); });
        return false;
    }

    trip& of_;
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

        ~leaving() { of.traveller_ = nullptr; }
    };

    traveller me(*this);
    traveller_ = &me;
    const leaving after{*this};
    co_await me.suspend("another loop");
    from_->release();
    if (why_)
        std::rethrow_exception(std::exchange(why_, nullptr));
}

void trip::arrive() {
    self_ = shared_from_this();
    std::exception_ptr why;
    running_ = start_inline(*to_, call(), *this, why);
    if (!running_)
        leave(std::move(why));
    else
        running_->name = "a call from loop " + from_->name();
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
    why_ = std::move(why);
    from_->post([self = std::move(self_)] {
        if (self->traveller_)
            self->traveller_->wake();
    });
}

} // namespace aio::async::hops
