#include <aio/log/logger.hpp>
#include <aio/server/kept_sockets.hpp>
#include <aio/server/listening.hpp>
#include <aio/server/tcp_service.hpp>
#include <aio/service/life_line.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <utility>

namespace aio::server {

namespace asio = boost::asio;

tcp_service::tcp_service() : kept_(std::make_unique<kept_sockets>()) {}

tcp_service::tcp_service(std::string address, std::int64_t port) : tcp_service() {
    address_ = std::move(address);
    port_ = port;
}

tcp_service::tcp_service(const aio::server::limits& own) : tcp_service() {
    limits_ = own;
}

tcp_service::tcp_service(std::string address, std::int64_t port, const aio::server::limits& own)
    : tcp_service(std::move(address), port) {
    limits_ = own;
}

tcp_service::~tcp_service() = default;

/// A child has the section of its parent; `address` and `port` there are those of the parent.
bool tcp_service::written(std::string_view option) const {
    return !parent() && context().options().text(option);
}

std::string tcp_service::address() const {
    if (address_ && !written("address"))
        return *address_;
    return address_of(context().options()).value_or(local_address);
}

std::uint16_t tcp_service::port() const {
    const std::uint16_t wanted = port_ && !written("port")
                                     ? port_of(fmt::format("{}", *port_))
                                     : port_of(context().options()).value_or(0);
    return wanted == 0 ? picked_ : wanted;
}

aio::server::limits tcp_service::limits() const {
    if (!limits_)
        return limits_of(context().options());
    return parent() ? *limits_ : limits_of(context().options(), *limits_);
}

void tcp_service::declare_options(config::schema& schema) {
    schema
        .add(
            "address",
            config::type::string,
            "address to bind to; default: that of the class, or 127.0.0.1"
        )
        .check(address_mistakes);
    schema
        .add(
            "port",
            config::type::integer,
            "port to bind to; 0: a free one; default: that of the class, or 0"
        )
        .within(port_range);
    declare_limits_of_class(schema);
}

std::string tcp_service::refused() const {
    return {};
}

task<void> tcp_service::on_setup() {
    co_return;
}

task<void> tcp_service::on_listening() {
    co_return;
}

task<void> tcp_service::on_start() {
    intake_ended_ = false;
    kept_->open();
    co_await on_setup();
    listening what(context(), name(), [this](net::stream stream) {
        return serve(std::move(stream));
    });
    what.refused = [this] { return refused(); };
    what.crash = [this](std::exception_ptr why) { crash(std::move(why)); };
    what.address = address();
    what.port = port();
    what.limits = limits();
    what.kept = kept_.get();
    listening_ = co_await listen(home(), std::move(what));
    counted_.follow(listening_.get());
    co_await listening_->start();
    if (intake_ended_)
        listening_->end_intake();
    for (const std::string& at : endpoints())
        log().info("{}", aio::service::life_line(depth(), context().name(), "Serving on " + at));
    const std::string first = endpoints().front();
    picked_ = port_of(std::string_view(first).substr(first.rfind(':') + 1));
    co_await on_listening();
}

task<void> tcp_service::on_stop() {
    if (!listening_)
        co_return;
    listening_->begin_stop();
    bool in_time = true;
    try {
        co_await listening_->wait_stopped();
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted)
            throw;
        in_time = false;
    }
    if (!in_time) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        listening_->cancel();
        co_await listening_->wait_stopped();
    }
    counted_.follow(nullptr);
    listening_.reset();
}

void tcp_service::close_kept() noexcept {
    kept_->close();
    service::close_kept();
}

void tcp_service::end_intake() noexcept {
    intake_ended_ = true;
    kept_->close();
    if (listening_)
        listening_->end_intake();
    service::end_intake();
}

std::vector<std::string> tcp_service::endpoints() const {
    return listening_ ? listening_->endpoints() : std::vector<std::string>{};
}

std::vector<std::string> tcp_service::unfinished() const {
    std::vector<std::string> all = service::unfinished();
    if (listening_)
        for (std::string& one : listening_->unfinished())
            all.push_back(std::move(one));
    return all;
}

std::vector<aio::service::statistic> tcp_service::statistics() const {
    return counted_.statistics();
}

} // namespace aio::server
