#include <aio/bean/bean.hpp>
#include <aio/bean/tcp_server.hpp>
#include <aio/log/logger.hpp>
#include <aio/server/listening.hpp>
#include <aio/server/tally.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace aio::bean {

namespace {

constexpr std::uint16_t standard_port = 9399;

}

struct tcp_server::listening {
    std::unique_ptr<server::handle> server;
    async::event never;
    std::vector<std::uint64_t> hooks; ///< of its stop
};

tcp_server::tcp_server(const aio::bean::context& given)
    : simple_server(given), listening_(std::make_unique<listening>()) {}

tcp_server::tcp_server(const aio::bean::context& given, const server::limits& own)
    : simple_server(given), limits_(own), listening_(std::make_unique<listening>()) {}

tcp_server::~tcp_server() = default;

server::limits tcp_server::limits() const {
    const config::options& section = context().shared_data()->options;
    return limits_ ? server::limits_of(section, *limits_) : server::limits_of(section);
}

void tcp_server::declare_options(config::schema& schema) {
    schema.option("address", server::local_address, "address to bind to")
        .check(server::address_mistakes);
    schema.option("port", standard_port, "port to bind to; 0: a free one")
        .within(server::port_range);
    server::declare_limits_of_class(schema);
}

std::string tcp_server::refused() const {
    return {};
}

task<void> tcp_server::on_setup() {
    co_return;
}

task<void> tcp_server::on_start() {
    co_return;
}

task<void> tcp_server::on_signal(signal) {
    co_return;
}

task<void> tcp_server::on_stop(signal) {
    co_return;
}

task<void> tcp_server::on_cleanup() {
    co_return;
}

std::vector<std::string> tcp_server::endpoints() const {
    return listening_->server ? listening_->server->endpoints() : std::vector<std::string>{};
}

task<void> tcp_server::startup() {
    co_await on_setup();
    server::listening what(
        service::context(context().shared_data()),
        context().section(),
        [this](net::stream stream) { return serve(std::move(stream)); }
    );
    what.refused = [this] { return refused(); };
    const config::options& section = context().shared_data()->options;
    what.address = server::address_of(section).value_or(server::local_address);
    what.port = server::port_of(section).value_or(standard_port);
    what.limits = limits();
    what.kept = &context().kept();
    listening_->server = co_await server::listen(context().loop(), std::move(what));
    context().counted().follow(listening_->server.get());
    co_await listening_->server->start();
    server::handle* const server = listening_->server.get();
    listening_->hooks = {
        context().at(stop_moment::end_of_intake, [server] { server->end_intake(); }),
        context().at(stop_moment::cancellation, [server] { server->cancel(); }),
    };
    for (const std::string& endpoint : endpoints())
        context().log().info("Bean({}) listens on {}", context().name(), endpoint);
    co_await on_start();
}

task<void> tcp_server::run() {
    return listening_->never.wait("a signal");
}

task<void> tcp_server::stop_by(signal received) {
    co_await on_signal(received);
    if (listening_->server)
        co_await on_stop(std::move(received));
    stop();
}

// Connections of a bean that has failed have no time of their own: its end waits for them.
task<void> tcp_server::cleanup() {
    if (!has_failed() && context().bean_->ends_for_good())
        context().kept().close(); // clients would wait in vain while the connections end
    if (listening_->server) {
        listening_->server->begin_stop();
        if (has_failed())
            listening_->server->cancel();
        co_await listening_->server->wait_stopped();
        for (const std::uint64_t hook : std::exchange(listening_->hooks, {}))
            context().remove_signal_handler(hook);
        context().counted().follow(nullptr);
    }
    co_await on_cleanup();
}

} // namespace aio::bean
