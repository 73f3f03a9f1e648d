#include <aio/async/loop.hpp>
#include <aio/client/statistics.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <string_view>

using namespace std::chrono_literals;
using aio::client::counts;
using aio::net::traffic;

namespace {

std::optional<double> of(const counts& all, std::string_view name) {
    for (const auto& each : all.statistics())
        if (each.name == name)
            return each.value;
    return std::nullopt;
}

} // namespace

BOOST_AUTO_TEST_SUITE(client_statistics)

BOOST_AUTO_TEST_CASE(resumed_handshakes_are_told_once_there_is_one) {
    counts all;
    all.connected(1s, false);
    BOOST_TEST(!of(all, "resumed"));
    all.connected(2s, true);
    BOOST_TEST(of(all, "resumed").value() == 1);
    BOOST_TEST(of(all, "connected").value() == 2);
    BOOST_TEST(of(all, "connect_seconds").value() == 3);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_all_loops_are_one_sum) {
    counts all;
    aio::async::loop a, b;
    traffic::add(all.traffic.sent, 1);
    traffic::add(all.traffic_of(a)->sent, 10);
    traffic::add(all.traffic_of(b)->sent, 100);
    traffic::add(all.traffic_of(a)->received, 1000);
    BOOST_TEST(all.traffic_of(a) == all.traffic_of(a));
    BOOST_TEST(of(all, "sent").value() == 111);
    BOOST_TEST(of(all, "received").value() == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
