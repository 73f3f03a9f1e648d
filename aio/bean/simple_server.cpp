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
    const auto stopping = [this](signal received) { return hear(std::move(received)); };
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

// on_stop may still run, and may use objects that are destroyed when this has ended.
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

task<void> simple_server::hear(signal received) {
    struct hearing {
        simple_server& owner;

        explicit hearing(simple_server& owner_) : owner(owner_) { ++owner.hearing_; }

        ~hearing() {
            --owner.hearing_;
            owner.heard_.set();
        }
    } const now(*this);

    try {
        co_await stop_by(std::move(received));
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

task<void> simple_server::stop_by(signal received) {
    return on_stop(std::move(received));
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
