// What a bean that serves has counted.

#include "../net/peer.hpp"
#include "pods.hpp"

#include <aio/bean/tcp_server.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

namespace {

struct echo : aio::bean::tcp_server {
    using tcp_server::tcp_server;

    task<void> on_start() override {
        at = endpoints().front();
        co_return;
    }

    task<void> serve(aio::net::stream stream) override {
        while (auto data = co_await stream.read())
            co_await stream.write(data);
    }

    static inline std::string at;
};

task<void> say(support::peer& client, std::string text) {
    client.send(text);
    while (!client.readable(0ms))
        co_await aio::async::sleep(1ms);
    BOOST_TEST(client.receive() == text);
}

std::string figures(const aio::service::unit& unit) {
    std::string all;
    for (const aio::service::statistic& each : unit.statistics())
        all += fmt::format("{} {}, ", each.name, each.value);
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bean_figures)

BOOST_AUTO_TEST_CASE(a_bean_that_serves_has_those_of_a_server_over_all_its_runs) {
    pods p;
    p.bean<echo>("echo");
    p.run("[bean/a]\ncore = m.echo\nport = 0\n", [&]() -> task<void> {
        auto& it = *p.beans[0];
        {
            support::peer one = support::peer::connect(echo::at);
            co_await say(one, "four");
            BOOST_TEST(figures(it) == "connections 1, accepted 1, received 4, sent 4, ");
        }
        it.begin_stop();
        co_await it.wait_stopped();
        BOOST_TEST(figures(it) == "connections 0, accepted 1, received 4, sent 4, ");
        co_await it.start();
        support::peer one = support::peer::connect(echo::at);
        co_await say(one, "one");
        BOOST_TEST(figures(it) == "connections 1, accepted 2, received 7, sent 7, ");
    });
}

BOOST_AUTO_TEST_CASE(one_that_serves_nobody_has_none) {
    pods p;
    p.bean("none", [] {});
    p.run("[bean/a]\ncore = m.none\n", [&]() -> task<void> {
        BOOST_TEST(figures(*p.beans[0]) == "");
        co_return;
    });
}

BOOST_AUTO_TEST_SUITE_END()
