#include <aio/async/aborted.hpp>
#include <aio/base/exception.hpp>
#include <aio/bean/simple_server.hpp>
#include <aio/log/logger.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>

namespace aio::bean {

namespace asio = boost::asio;

simple_server::~simple_server() = default;

task<void> simple_server::operator()() {
    const auto stopping = [this](signal by) { return hear(std::move(by)); };
    const auto interrupted = context_.add_signal_handler("SIGINT", stopping);
    const auto terminated = context_.add_signal_handler("SIGTERM", stopping);
    try {
        co_await working_.run(work(), "its work");
    } catch (...) {
        if (const auto why = std::current_exception(); !stopped_ || !async::is_aborted(why))
            fail(why);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    context_.remove_signal_handler(interrupted);
    context_.remove_signal_handler(terminated);
    co_await end();
    if (why_)
        std::rethrow_exception(why_);
}

// on_stop may still be at work, and uses what goes when this has ended.
task<void> simple_server::end() {
    while (hearing_ != 0) {
        heard_.reset();
        co_await heard_.wait("on_stop");
    }
    try {
        co_await cleanup();
    } catch (...) {
        fail(std::current_exception());
    }
}

void simple_server::fail(std::exception_ptr why) {
    if (why_)
        context_.log().error("Bean({}) failed, too: {}", context_.name(), base::message_of(why));
    else
        why_ = std::move(why);
}

task<void> simple_server::hear(signal what) {
    struct hearing {
        simple_server& by;

        explicit hearing(simple_server& by_) : by(by_) { ++by.hearing_; }

        ~hearing() {
            --by.hearing_;
            by.heard_.set();
        }
    } const now(*this);

    try {
        co_await stop_by(std::move(what));
    } catch (...) {
        fail(std::current_exception());
        stop();
    }
}

task<void> simple_server::work() {
    co_await startup();
    if (!stopped_)
        co_await run();
}

task<void> simple_server::stop_by(signal what) {
    return on_stop(std::move(what));
}

void simple_server::stop() noexcept {
    stopped_ = true;
    working_.cancel(asio::cancellation_type::terminal);
}

task<void> simple_server::startup() {
    co_return;
}

task<void> simple_server::cleanup() {
    co_return;
}

task<void> simple_server::on_stop(signal) {
    stop();
    co_return;
}

} // namespace aio::bean
