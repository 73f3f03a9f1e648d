#include <aio/bean/simple_server.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace aio::bean {

namespace asio = boost::asio;

simple_server::~simple_server() = default;

task<void> simple_server::operator()() {
    const auto stopping = [this](signal by) { return stop_by(std::move(by)); };
    const auto interrupted = context_.add_signal_handler("SIGINT", stopping);
    const auto terminated = context_.add_signal_handler("SIGTERM", stopping);
    std::exception_ptr why;
    try {
        co_await working_.run(work(), "its work");
    } catch (const boost::system::system_error& e) {
        if (!stopped_ || e.code() != asio::error::operation_aborted)
            why = std::current_exception();
    } catch (...) {
        why = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await cleanup();
    context_.remove_signal_handler(interrupted);
    context_.remove_signal_handler(terminated);
    if (why)
        std::rethrow_exception(why);
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
