#include <aio/async/aborted.hpp>
#include <aio/async/timeout.hpp>

#include <boost/asio/this_coro.hpp>

#include <exception>

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
    loop& other = *loop::of(co_await boost::asio::this_coro::executor);
    other.add_timer(one, later(other.time().now(), limit));
    const disarm after{other, one};
    try {
        co_await one.run(std::move(work), "timeout");
    } catch (...) {
        if (one.fired && is_aborted(std::current_exception()))
            throw timeout_error();
        throw;
    }
}

} // namespace aio::async
