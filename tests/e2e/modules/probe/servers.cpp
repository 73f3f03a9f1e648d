#include "probe.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace probe {

using namespace std::chrono_literals;

namespace {

aio::task<void> echo(aio::stream stream) {
    while (auto data = co_await stream.read())
        co_await stream.write(data);
}

struct polite_echo {
    aio::task<void> operator()(aio::stream stream) const { return echo(std::move(stream)); }

    std::string refused(const aio::server_context& server) const {
        return "421 " + server.name() + " is full\n";
    }
};

/// Answers one line after as long as the section's `takes`: a connection in work.
aio::task<void> slow_reply(aio::stream stream, aio::server_context context) {
    const auto question = co_await stream.read_line();
    if (!question)
        co_return;
    say("slow_reply {} got {}", context.name(), *question);
    co_await aio::sleep(context.option<aio::duration>("takes"));
    co_await stream.write("answer to " + *question + "\n");
}

/// Echoes lines; throws at "boom".
aio::task<void> raising(aio::stream stream) {
    while (const auto line = co_await stream.read_line()) {
        if (*line == "boom")
            throw std::runtime_error("boom");
        const std::string answer = *line + "\n";
        co_await stream.write(answer);
    }
}

/// Writes far more than any socket keeps: bytes that are not sent yet.
aio::task<void> flood(aio::stream stream) {
    co_await stream.read_line();
    say("flood begins");
    const std::string data(20'000'000, 'x');
    co_await stream.write(data);
}

/// The same by callbacks, a piece at a time: kept until the peer reads.
struct callback_flood final : aio::protocol {
    void connection_made(aio::transport& by) override { to = &by; }

    void data_received(std::span<const std::byte>) override {
        const std::string data(100'000, 'x');
        for (int i = 0; i < 200; ++i)
            to->write(data);
    }

    aio::transport* to = nullptr;
};

/// The standard server, telling when it is told to stop.
class talkative final : public aio::server_handle {
  public:
    talkative(std::unique_ptr<aio::server_handle> inner, std::string name)
        : inner_(std::move(inner)), name_(std::move(name)) {}

    aio::task<void> start() override { return inner_->start(); }

    void begin_stop() noexcept override {
        if (!told_)
            say("factory stops {}", name_);
        told_ = true;
        inner_->begin_stop();
    }

    aio::task<void> wait_stopped() override { return inner_->wait_stopped(); }

    void cancel() noexcept override { inner_->cancel(); }

    std::vector<std::string> endpoints() const override { return inner_->endpoints(); }

  private:
    std::unique_ptr<aio::server_handle> inner_;
    std::string name_;
    bool told_ = false;
};

std::unique_ptr<aio::server_handle> factory(aio::server_builder build) {
    say("factory name={} protocol={} address={} port={}",
        build.name(),
        build.protocol() ? "yes" : "no",
        build.address(),
        build.port());
    std::string name = build.name();
    return std::make_unique<talkative>(build.serve(echo), std::move(name));
}

/// A service that is a server itself.
struct echo_service : aio::tcp_service {
    aio::task<void> serve(aio::stream stream) override { return echo(std::move(stream)); }
};

std::unique_ptr<aio::server_handle> failing_factory(aio::server_builder) {
    throw std::runtime_error("boom");
}

aio::task<std::unique_ptr<aio::server_handle>> hanging_factory(aio::server_builder build) {
    say("hanging_factory begins");
    co_await aio::sleep(std::chrono::hours{24});
    co_return build.serve(echo);
}

} // namespace

void add_servers(aio::module_builder& to) {
    to.protocol("slow_reply", slow_reply).option("takes", 1s, "time to think");
    to.protocol("raising_protocol", raising);
    to.protocol("polite_echo", polite_echo{});
    to.protocol("flood", flood);
    to.protocol<callback_flood>("callback_flood");
    to.service<echo_service>("echo_service");
    to.factory("factory", factory);
    to.factory("failing_factory", failing_factory);
    to.factory("hanging_factory", hanging_factory);
}

} // namespace probe
