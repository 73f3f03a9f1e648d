#include <aio/net/ticket_ring.hpp>
#include <aio/net/tls_common.hpp>
#include <aio/net/tls_tickets.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using aio::net::ticket_key;
using aio::net::ticket_ring;
using aio::net::tls_tickets;

namespace {

ticket_key key(unsigned char number) {
    ticket_key made;
    made.name.fill(number);
    return made;
}

/// "newest", "older", "unknown"
std::string state(const ticket_ring& ring, unsigned char number, aio::base::duration now) {
    const auto found = ring.find(key(number).name, now);
    return !found ? "unknown" : found->newest ? "newest" : "older";
}

std::string wrong_with(const std::string& text) {
    try {
        aio::net::read_ticket_keys(text);
        return {};
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(ticket_ring_)

BOOST_AUTO_TEST_CASE(a_key_is_turned_after_its_life) {
    ticket_ring ring(12h);
    BOOST_TEST(ring.is_due(0h));
    ring.turn(key(1), 0h);
    BOOST_TEST(!ring.is_due(11h));
    BOOST_TEST(ring.is_due(12h));
    BOOST_TEST((ring.newest() == key(1)));
}

BOOST_AUTO_TEST_CASE(three_keys_are_kept_and_the_newest_seals) {
    ticket_ring ring(12h);
    for (unsigned char i = 1; i <= 4; ++i)
        ring.turn(key(i), (i - 1) * 12h);
    BOOST_TEST((ring.newest() == key(4)));

    const struct {
        unsigned char number;
        const char* expected;
    } table[] = {{4, "newest"}, {3, "older"}, {2, "older"}, {1, "unknown"}, {9, "unknown"}};

    for (const auto& row : table)
        BOOST_TEST(state(ring, row.number, 36h) == row.expected);
}

BOOST_AUTO_TEST_CASE(a_key_opens_nothing_after_three_lives_whoever_turns) {
    ticket_ring ring(12h);
    ring.turn(key(1), 0h);
    BOOST_TEST(state(ring, 1, 35h) == "newest");
    BOOST_TEST(state(ring, 1, 36h) == "unknown");
    ring.turn(key(2), 100h);
    BOOST_TEST(state(ring, 1, 100h) == "unknown");
    ticket_ring longest(aio::base::duration::max());
    longest.turn(key(1), 0h);
    BOOST_TEST(!longest.is_due(1000000h));
    BOOST_TEST(state(longest, 1, 1000000h) == "newest");
}

BOOST_AUTO_TEST_CASE(keys_that_others_turn_stay) {
    const std::vector<ticket_key> two{key(1), key(2)};
    const ticket_ring ring(two);
    BOOST_TEST(!ring.is_due(10000h));
    BOOST_TEST((ring.newest() == key(1)));
    BOOST_TEST(state(ring, 1, 10000h) == "newest");
    BOOST_TEST(state(ring, 2, 10000h) == "older");
}

BOOST_AUTO_TEST_CASE(tickets_turn_their_keys_when_they_seal) {
    unsigned char made = 0;
    tls_tickets tickets(1h, [&] { return key(++made); });
    BOOST_TEST((tickets.seal(0h) == key(1)));
    BOOST_TEST((tickets.seal(59min) == key(1)));
    BOOST_TEST(tickets.open(key(1).name, 59min)->newest);
    BOOST_TEST(!tickets.open(key(1).name, 60min)->newest); // the client gets a new one
    BOOST_TEST((tickets.seal(60min) == key(2)));
    BOOST_TEST((tickets.seal(120min) == key(3)));
    BOOST_TEST(!tickets.open(key(1).name, 121min)->newest);
    BOOST_TEST((tickets.seal(180min) == key(4)));
    BOOST_TEST(!tickets.open(key(1).name, 180min));
}

BOOST_AUTO_TEST_CASE(random_keys_differ_and_an_app_has_a_ring_for_each_life) {
    BOOST_TEST((tls_tickets::random_key() != tls_tickets::random_key()));
    aio::net::tls_common app;
    BOOST_TEST(app.tickets(1h) == app.tickets(60min));
    BOOST_TEST(app.tickets(1h) != app.tickets(2h));
}

BOOST_AUTO_TEST_CASE(a_file_holds_keys_of_80_bytes) {
    const auto two = aio::net::read_ticket_keys(
        std::string(16, 'n') + std::string(32, 'c') + std::string(32, 'm') + std::string(80, 'x')
    );
    BOOST_REQUIRE(two.size() == 2u);
    BOOST_TEST(two[0].name.back() == 'n');
    BOOST_TEST(two[0].cipher.front() == 'c');
    BOOST_TEST(two[0].mac.back() == 'm');
    BOOST_TEST(two[1].name.front() == 'x');
    BOOST_TEST(wrong_with(std::string(240, 'x')) == "");
    for (const std::size_t size : {0, 79, 81, 320})
        BOOST_TEST(
            wrong_with(std::string(size, 'x')) ==
            "it has " + std::to_string(size) + " bytes, and a key has 80, up to 3 of them"
        );
}

BOOST_AUTO_TEST_CASE(a_file_of_keys_is_for_nobody_else) {
    const aio::testing::temporary_folder folder;
    folder.write("keys", std::string(80, 'k'));
    const std::string path = folder / "keys";
    const auto wrong = [&] {
        try {
            aio::net::load_ticket_keys(path);
            return std::string();
        } catch (const std::runtime_error& e) {
            return std::string(e.what());
        }
    };
    ::chmod(path.c_str(), 0604);
    BOOST_TEST(
        wrong() ==
        "cannot use the ticket keys in " + path + ": everybody may read or write it: chmod 600"
    );
    ::chmod(path.c_str(), 0600);
    BOOST_TEST(wrong() == "");
    folder.write("keys", "too short");
    BOOST_TEST(wrong().ends_with("it has 9 bytes, and a key has 80, up to 3 of them"));
}

BOOST_AUTO_TEST_SUITE_END()
