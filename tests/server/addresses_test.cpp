#include <aio/server/addresses.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace aio;
using namespace aio::server;
using namespace std::chrono_literals;

using answer = addresses::answer;

namespace {

net::address from(std::string_view literal, std::uint16_t port = 1) {
    return *net::address::parse(literal, port);
}

/// The n-th address of 10.0.0.0/8.
net::address numbered(unsigned n) {
    return from(
        "10." + std::to_string(n >> 16) + "." + std::to_string(n >> 8 & 255) + "." +
        std::to_string(n & 255)
    );
}

address_limits connections(std::size_t most) {
    address_limits out;
    out.connections = most;
    return out;
}

address_limits rate(double per_second, std::uint32_t burst) {
    address_limits out;
    out.rate = resilience::gcra_law({per_second}, burst);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(addresses_)

BOOST_AUTO_TEST_CASE(a_client_has_at_most_its_connections) {
    addresses all(connections(2), 1);
    BOOST_TEST((all.enter(from("10.0.0.1", 1), 0s) == answer::admitted));
    BOOST_TEST((all.enter(from("10.0.0.1", 2), 0s) == answer::admitted));
    BOOST_TEST((all.enter(from("10.0.0.1", 3), 0s) == answer::too_many));
    BOOST_TEST((all.enter(from("10.0.0.2", 3), 0s) == answer::admitted));
    all.leave(from("10.0.0.1", 2), 1s);
    BOOST_TEST((all.enter(from("10.0.0.1", 4), 1s) == answer::admitted));
    BOOST_TEST((all.enter(from("10.0.0.1", 5), 1s) == answer::too_many));
    BOOST_TEST(all.known() == 2);
}

BOOST_AUTO_TEST_CASE(a_limit_of_none_refuses_and_remembers_nobody) {
    addresses all(connections(0), 1);
    BOOST_TEST((all.enter(from("10.0.0.1"), 0s) == answer::too_many));
    BOOST_TEST(all.known() == 0);
}

BOOST_AUTO_TEST_CASE(a_client_connects_at_most_at_its_rate) {
    addresses all(rate(1, 2), 1);
    const net::address client = from("10.0.0.1");
    BOOST_TEST((all.enter(client, 0s) == answer::admitted));
    all.leave(client, 0s);
    BOOST_TEST((all.enter(client, 0s) == answer::admitted));
    BOOST_TEST((all.enter(client, 0s) == answer::too_fast));
    all.leave(client, 0s);
    BOOST_TEST((all.enter(client, 0s) == answer::too_fast)); // with no connection, too
    BOOST_TEST((all.enter(from("10.0.0.2"), 0s) == answer::admitted));
    BOOST_TEST((all.enter(client, 999ms) == answer::too_fast));
    BOOST_TEST((all.enter(client, 1s) == answer::admitted));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_counts_for_neither_limit) {
    address_limits both = rate(1, 3);
    both.connections = 1;
    addresses all(both, 1);
    const net::address client = from("10.0.0.1");
    BOOST_TEST((all.enter(client, 0s) == answer::admitted));
    for (int i = 0; i < 9; ++i)
        BOOST_TEST((all.enter(client, 0s) == answer::too_many));
    all.leave(client, 0s);
    BOOST_TEST((all.enter(client, 0s) == answer::admitted));
    all.leave(client, 0s);
    BOOST_TEST((all.enter(client, 0s) == answer::admitted));
    all.leave(client, 0s);
    BOOST_TEST((all.enter(client, 0s) == answer::too_fast));
}

BOOST_AUTO_TEST_CASE(the_prefix_tells_clients_apart) {
    const struct {
        unsigned v4, v6;
        const char *first, *second;
        answer then;
    } all[] = {
        {32, 64, "10.0.0.1", "10.0.0.2", answer::admitted},
        {24, 64, "10.0.0.1", "10.0.0.2", answer::too_many},
        {32, 64, "2001:db8::1", "2001:db8::2", answer::too_many},
        {32, 64, "2001:db8::1", "2001:db8:0:1::1", answer::admitted},
        {32, 56, "2001:db8::1", "2001:db8:0:1::1", answer::too_many},
        {32, 128, "2001:db8::1", "2001:db8::2", answer::admitted},
        {32, 64, "10.0.0.1", "::ffff:10.0.0.1", answer::too_many},
        {0, 0, "10.0.0.1", "11.0.0.1", answer::too_many},
        {0, 0, "10.0.0.1", "::1", answer::admitted},
    };

    for (const auto& each : all) {
        address_limits limits = connections(1);
        limits.v4_prefix = each.v4;
        limits.v6_prefix = each.v6;
        addresses table(limits, 1);
        BOOST_TEST((table.enter(from(each.first), 0s) == answer::admitted));
        BOOST_TEST((table.enter(from(each.second), 0s) == each.then), each.first << each.second);
    }
}

BOOST_AUTO_TEST_CASE(peers_on_unix_sockets_are_exempt) {
    addresses all(connections(1), 1);
    const net::address peer = *net::address::unix_socket("/run/a");
    for (int i = 0; i < 3; ++i)
        BOOST_TEST((all.enter(peer, 0s) == answer::admitted));
    all.leave(peer, 0s);
    BOOST_TEST((all.enter(net::address(), 0s) == answer::admitted));
    BOOST_TEST(all.known() == 0);
}

BOOST_AUTO_TEST_CASE(clients_without_connections_and_past_are_forgotten) {
    addresses counted(connections(2), 1);
    for (unsigned i = 0; i < 1000; ++i)
        counted.enter(numbered(i), 0s);
    BOOST_TEST(counted.known() == 1000);
    for (unsigned i = 0; i < 1000; ++i)
        counted.leave(numbered(i), 0s);
    BOOST_TEST(counted.known() == 0);

    addresses rated(rate(1, 5), 1);
    for (unsigned i = 0; i < 1000; ++i) {
        rated.enter(numbered(i), 0s);
        rated.leave(numbered(i), 0s);
    }
    BOOST_TEST(rated.idle() == 1000);
    for (unsigned i = 5000; i < 6000; ++i) { // each takes up to two old ones along
        rated.enter(numbered(i), 10s);
        rated.leave(numbered(i), 20s);
    }
    BOOST_TEST(rated.known() < 200);
}

BOOST_AUTO_TEST_CASE(a_flood_of_addresses_stays_within_its_memory_and_the_oldest_go) {
    addresses all(rate(0.001, 1), 1);
    constexpr unsigned flood = addresses::most_idle * 2;
    for (unsigned i = 0; i < flood; ++i) {
        all.enter(numbered(i), 1s);
        all.leave(numbered(i), 1s);
        if (i % 1024 == 0)
            BOOST_REQUIRE(all.known() <= addresses::most_idle);
    }
    BOOST_TEST(all.known() == all.idle());
    BOOST_TEST(all.known() <= addresses::most_idle);
    BOOST_TEST(all.known() > addresses::most_idle * 9 / 10);
    BOOST_TEST((all.enter(numbered(0), 2s) == answer::admitted));
    BOOST_TEST((all.enter(numbered(flood - 1), 2s) == answer::too_fast));
}

BOOST_AUTO_TEST_CASE(clients_with_connections_are_never_forgotten) {
    address_limits both = rate(0.001, 1);
    both.connections = 1;
    addresses all(both, 1);
    BOOST_TEST((all.enter(from("192.0.2.1"), 0s) == answer::admitted));
    for (unsigned i = 0; i < addresses::most_idle * 2; ++i) {
        all.enter(numbered(i), 1s);
        all.leave(numbered(i), 1s);
    }
    BOOST_TEST((all.enter(from("192.0.2.1"), 9h) == answer::too_many));
}

// Against a plain table that forgets nothing.
BOOST_AUTO_TEST_CASE(random_clients_are_judged_as_by_a_plain_table) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        address_limits limits = rate(2, 1 + random() % 4);
        limits.connections = 1 + random() % 3;
        addresses all(limits, random());
        std::map<unsigned, std::pair<std::size_t, resilience::gcra_word>> plain;
        base::duration now{0};
        for (int i = 0; i < 500; ++i) {
            now += std::chrono::milliseconds(random() % 200);
            const unsigned client = random() % 8;
            auto& [open, word] = plain[client];
            if (open > 0 && random() % 2 == 0) {
                all.leave(numbered(client), now);
                --open;
                continue;
            }
            const auto judged = limits.rate->judge(word, now);
            const answer due = open >= *limits.connections ? answer::too_many
                               : judged.wait.count() > 0   ? answer::too_fast
                                                           : answer::admitted;
            BOOST_REQUIRE((all.enter(numbered(client), now) == due));
            if (due != answer::admitted)
                continue;
            ++open;
            word = judged.word;
        }
    }
}

BOOST_AUTO_TEST_CASE(loops_share_the_limits) {
    constexpr int threads = 4, rounds = 2000;
    constexpr unsigned clients = 32;
    constexpr std::size_t most = 3;
    addresses all(connections(most), 1);
    std::vector<std::atomic<std::size_t>> open(clients);
    std::atomic<bool> exceeded{false};
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&, t] {
            std::mt19937 random(static_cast<unsigned>(t));
            for (int i = 0; i < rounds; ++i) {
                const unsigned client = random() % clients;
                if (all.enter(numbered(client), 0s) != answer::admitted)
                    continue;
                if (open[client].fetch_add(1) >= most)
                    exceeded = true;
                open[client].fetch_sub(1);
                all.leave(numbered(client), 0s);
            }
        });
    for (std::thread& each : running)
        each.join();
    BOOST_TEST(!exceeded);
    BOOST_TEST(all.known() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
