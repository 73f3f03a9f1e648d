#include <aio/log/record.hpp>
#include <aio/log/tree.hpp>
#include <aio/server/refusals.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace aio;
using namespace aio::server;
using namespace std::chrono_literals;

namespace {

net::address from(std::string_view literal) {
    return *net::address::parse(literal, 4242);
}

net::network client(unsigned number) {
    return *net::key_of(from("10.0.0." + std::to_string(number)));
}

std::string shown(const std::optional<worst_client::found>& found) {
    return found ? found->client.text() + " " + std::to_string(found->least) : "nobody";
}

struct fixture {
    fixture() {
        logs.set_level("", log::level::debug);
        watching = logs.on_record([this](const log::record& each) {
            lines.push_back(
                std::string(log::name(each.severity)) + " " + std::string(each.message)
            );
        });
    }

    std::vector<std::string> taken() { return std::exchange(lines, {}); }

    log::tree logs;
    log::capture watching;
    std::vector<std::string> lines;
    refusals all{logs.get("aio"), "web"};
};

using texts = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(refusals_)

BOOST_AUTO_TEST_CASE(each_reason_has_words_and_a_counter_of_its_own) {
    std::set<std::string_view> counters, words;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        const refusal_words& each = all_refusals[i];
        BOOST_TEST(static_cast<std::size_t>(each.why) == i);
        BOOST_TEST(&words_of(each.why) == &each);
        BOOST_TEST(counters.insert(each.counter).second);
        BOOST_TEST(words.insert(each.reason).second);
    }
}

BOOST_AUTO_TEST_CASE(the_client_with_the_most_events_is_found) {
    const struct {
        std::vector<unsigned> clients;
        const char* worst;
    } all[] = {
        {{}, "nobody"},
        {{1}, "10.0.0.1 1"},
        {{1, 1}, "10.0.0.1 2"},
        {{1, 2}, "nobody"},
        {{1, 2, 2}, "10.0.0.2 2"},
        {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "nobody"},
        {{7, 7, 7, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12}, "10.0.0.7 3"},
    };

    for (const auto& each : all) {
        worst_client counted;
        for (const unsigned number : each.clients)
            counted.note(client(number));
        BOOST_TEST(shown(counted.worst()) == each.worst);
        counted.clear();
        BOOST_TEST(shown(counted.worst()) == "nobody");
    }
}

// What is told is never more than what was, and whoever has a large part is told.
BOOST_AUTO_TEST_CASE(a_client_with_a_large_part_is_found_among_any_number) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        worst_client counted;
        std::map<std::string, std::uint64_t> true_counts;
        const unsigned others = 1 + random() % 200;
        for (int i = 0; i < 1000; ++i) {
            const unsigned number = random() % 2 == 0 ? 0 : 1 + random() % others;
            counted.note(client(number));
            ++true_counts[client(number).text()];
        }
        const auto found = counted.worst();
        BOOST_REQUIRE(found.has_value());
        BOOST_REQUIRE(found->least <= true_counts[found->client.text()]);
        if (others >= 10)
            BOOST_REQUIRE(found->client == client(0));
    }
}

BOOST_FIXTURE_TEST_CASE(a_reason_is_logged_at_once_and_then_once_a_minute, fixture) {
    all.note(refusal::address, from("10.0.0.1"), 0s);
    BOOST_TEST(
        taken() == texts{"WARNING Server(web) refuses connections: the clients have as many as "
                         "address_connections allows: 1 from 10.0.0.1"},
        boost::test_tools::per_element()
    );
    for (int i = 0; i < 5; ++i)
        all.note(refusal::address, from("10.0.0.2"), 1s);
    all.note(refusal::address, from("2001:db8::1"), 59s);
    BOOST_TEST(taken().empty());
    all.note(refusal::address, from("2001:db8::2"), 60s);
    BOOST_TEST(
        taken() == texts{"WARNING Server(web) refuses connections: the clients have as many as "
                         "address_connections allows: 7, at least 5 of them from 10.0.0.2"},
        boost::test_tools::per_element()
    );
    all.note(refusal::address, from("2001:db8::1"), 60s);
    all.note(refusal::address, from("2001:db8::2"), 120s);
    BOOST_TEST(
        taken() == texts{"WARNING Server(web) refuses connections: the clients have as many as "
                         "address_connections allows: 2 from 2001:db8::/64"},
        boost::test_tools::per_element()
    );
    BOOST_TEST(all.count(refusal::address) == 10);
}

BOOST_FIXTURE_TEST_CASE(reasons_do_not_silence_each_other, fixture) {
    for (const refusal_words& each : all_refusals)
        all.note(each.why, from("10.0.0.1"), 5s);
    const texts lines = taken();
    BOOST_TEST(lines.size() == refusal_count);
    for (const refusal_words& each : all_refusals) {
        BOOST_TEST(all.count(each.why) == 1);
        const std::string line = std::string(log::name(each.level)) + " Server(web) " +
                                 std::string(each.act) +
                                 " connections: " + std::string(each.reason) + ": 1 from 10.0.0.1";
        BOOST_TEST(std::ranges::count(lines, line) == 1, line);
    }
}

BOOST_FIXTURE_TEST_CASE(many_clients_and_peers_without_addresses_are_a_number_only, fixture) {
    all.note(refusal::idle, *net::address::unix_socket("/run/a"), 0s);
    for (int i = 1; i < 100; ++i)
        all.note(refusal::idle, from("10.0.0." + std::to_string(i)), 1s);
    all.note(refusal::idle, net::address(), 61s);
    BOOST_TEST(
        taken() == (texts{
                       "DEBUG Server(web) closes connections: they were silent for idle_timeout: 1",
                       "DEBUG Server(web) closes connections: they were silent for idle_timeout: "
                       "100",
                   }),
        boost::test_tools::per_element()
    );
}

BOOST_FIXTURE_TEST_CASE(loops_count_together, fixture) {
    std::vector<std::thread> running;
    for (int t = 0; t < 4; ++t)
        running.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                all.note(refusal::rate, from("10.0.0.1"), 5s);
        });
    for (std::thread& each : running)
        each.join();
    BOOST_TEST(all.count(refusal::rate) == 4000);
    BOOST_TEST(lines.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
