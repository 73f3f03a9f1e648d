#include <aio/async/timeout.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace aio::async {

namespace {

struct limited final : child, timer {
    void fire() override {
        fired = true;
        cancel(boost::asio::cancellation_type::terminal);
    }

    bool fired = false;
};

struct disarm {
    loop& at;
    timer& what;

    ~disarm() { at.remove_timer(what); }
};

} // namespace

task<void> with_timeout(duration limit, task<void> work) {
    limited one;
    loop& at = *loop::of(co_await boost::asio::this_coro::executor);
    at.add_timer(one, later(at.time().now(), limit));
    const disarm after{at, one};
    try {
        co_await one.run(std::move(work), "timeout");
    } catch (const boost::system::system_error& error) {
        if (one.fired && error.code() == boost::asio::error::operation_aborted)
            throw timeout_error();
        throw;
    }
}

} // namespace aio::async
