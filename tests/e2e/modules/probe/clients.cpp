// Clients: what becomes of each target, as soon as it is known.

#include "probe.hpp"

#include <aio/async/task_group.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace probe {
namespace {

/// " (TLSv1.3, h2, resumed)"
std::string agreed(const aio::stream& with) {
    std::string all(with.tls_version());
    if (all.empty())
        return all;
    if (!with.alpn().empty())
        all += ", " + std::string(with.alpn());
    if (with.resumed())
        all += ", resumed";
    return " (" + all + ")";
}

aio::task<void> dial(std::string where, aio::connect_options how, std::int64_t times) {
    try {
        for (std::int64_t i = 0; i < times; ++i) {
            auto server = co_await aio::connect(where, how);
            co_await server.write("hello\n");
            const std::string answer = (co_await server.read_line()).value_or("(end)");
            say("{}: {}{}", where, answer, agreed(server));
        }
    } catch (const std::exception& e) {
        say("{}: failed: {}", where, e.what());
    }
}

aio::tls_client tls_of(const aio::command_event& event) {
    const auto text = [&](const char* name) { return event.option<std::string>(name); };
    aio::tls_client made;
    made.ca(text("ca")).certificate(text("certificate"), text("key")).name(text("name"));
    made.least(text("least"));
    if (const std::string alpn = text("alpn"); !alpn.empty())
        made.alpn({alpn}, aio::tls_alpn::required);
    if (event.option<bool>("unverified"))
        made.verify(aio::tls_verify::no);
    return made;
}

void announce(aio::connect_options& how, std::int64_t version) {
    using format = aio::proxy_header::format;
    if (version != 0)
        how.announce(
            version == 1 ? format::text : format::binary,
            *aio::address::parse("192.0.2.1", 1000),
            *aio::address::parse("10.0.0.1", 443)
        );
}

aio::task<void> dial_all(aio::command_event event) {
    aio::connect_options how;
    how.proxy(event.option<std::string>("proxy"));
    how.timeout(event.option<aio::duration>("timeout"));
    how.tls(tls_of(event));
    announce(how, event.option<std::int64_t>("announce"));
    if (event.option<std::string>("family") == "v4")
        how.family(aio::net::family::v4);
    const auto times = event.option<std::int64_t>("times");
    auto& home = *aio::async::loop::of(co_await boost::asio::this_coro::executor);
    aio::async::task_group group(home);
    for (const std::string& where : event.arguments())
        group.spawn("dial", dial(where, how, times));
    co_await group.join();
}

/// Dials `target` again and again, and keeps each connection.
class holder final : public aio::service_base {
    aio::task<void> on_start() override {
        every(context().option<aio::duration>("period"), [this] { return dial_one(); });
        co_return;
    }

    aio::task<void> dial_one() {
        try {
            held_.push_back(co_await aio::connect(context().option<std::string>("target")));
        } catch (const std::exception& e) {
            say("holds {}: {}", held_.size(), e.what());
        }
    }

    std::vector<aio::stream> held_;
};

} // namespace

void add_clients(aio::module_builder& to) {
    to.command("dial", dial_all)
        .option("proxy", "", "URL of an HTTP proxy")
        .option("family", "", "v4: only IPv4")
        .option("times", 1, "connections to each target, one after the other")
        .option("announce", 0, "version of a PROXY header to send; 0: none")
        .option("ca", "", "authorities of TLS")
        .option("certificate", "", "own certificate")
        .option("key", "", "own key")
        .option("name", "", "name of the server's certificate")
        .option("alpn", "", "the application protocol that has to be chosen")
        .option("least", "1.2", "least version of TLS")
        .option("unverified", false, "believe every server")
        .option("timeout", std::chrono::seconds(20), "for each target");
    to.service<holder>("holder")
        .required<std::string>("target", "of each connection")
        .option("period", std::chrono::milliseconds(10), "between two connections");
}

} // namespace probe
