#include <aio/bean/number.hpp>
#include <aio/bean/tcp_server.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/bind.hpp>
#include <aio/server/context.hpp>
#include <aio/server/standard.hpp>

#include <cstdint>

namespace aio::bean {

struct tcp_server::listening {
    std::unique_ptr<server::standard> server;
    async::event never;
};

namespace {

constexpr int backlog = 1024;
constexpr std::size_t most_connections = 10000;

} // namespace

tcp_server::tcp_server(const aio::bean::context& given)
    : simple_server(given), listening_(std::make_unique<listening>()) {}

tcp_server::~tcp_server() = default;

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
    net::bind_request where;
    where.addresses = {context().text("address").value_or("127.0.0.1")};
    where.port = static_cast<std::uint16_t>(number_of(context(), "port", 9399, {0, 65535}));
    server::stream_handler each = [this](net::stream with, server::context) {
        return serve(std::move(with));
    };
    auto shared = std::make_shared<server::serving>(
        server::context(context().shared_data()), server::handler(std::move(each)), context().log()
    );
    shared->label = context().name();
    shared->section = context().section();
    shared->most = most_connections;
    async::loop& home = context().loop();
    listening_->server = std::make_unique<server::standard>(
        home, std::vector<async::loop*>{&home}, net::bind(where), backlog, std::move(shared)
    );
    co_await listening_->server->start();
    for (const std::string& at : endpoints())
        context().log().info("Bean({}) listens on {}", context().name(), at);
    co_await on_start();
}

task<void> tcp_server::run() {
    return listening_->never.wait("a signal");
}

task<void> tcp_server::stop_by(signal what) {
    co_await on_signal(what);
    if (listening_->server)
        co_await on_stop(std::move(what));
    stop();
}

task<void> tcp_server::cleanup() {
    if (listening_->server) {
        listening_->server->begin_stop();
        co_await listening_->server->wait_stopped();
    }
    co_await on_cleanup();
}

} // namespace aio::bean
