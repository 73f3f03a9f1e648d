#include <aio/net/gathered.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using aio::net::bytes;
using aio::net::gathered;

namespace {

std::string joined(const gathered& all, std::size_t most) {
    std::string room(most, ' ');
    room.resize(aio::net::join(all.rest(), std::as_writable_bytes(std::span(room))));
    return room;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gathered_)

BOOST_AUTO_TEST_CASE(pieces_are_taken_from_the_front) {
    const std::array<bytes, 5> pieces{"", "head", "", "body", ""};
    gathered all(pieces);
    BOOST_TEST(joined(all, 100) == "headbody");
    BOOST_TEST(joined(all, 6) == "headbo");
    all.remove_prefix(2);
    BOOST_TEST(joined(all, 100) == "adbody");
    all.remove_prefix(2);
    BOOST_TEST(joined(all, 100) == "body");
    BOOST_TEST(all.rest().front().text() == "body");
    all.remove_prefix(4);
    BOOST_TEST(all.empty());
    BOOST_TEST(joined(all, 100) == "");
}

BOOST_AUTO_TEST_CASE(nothing_but_empty_pieces_is_empty) {
    BOOST_TEST(gathered({}).empty());
    const std::array<bytes, 3> pieces{"", "", ""};
    BOOST_TEST(gathered(pieces).empty());
}

BOOST_AUTO_TEST_CASE(however_it_is_taken_the_order_of_the_bytes_stays) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        std::mt19937_64 dice(seed);
        std::vector<std::string> texts(dice() % 12);
        std::string whole, got;
        for (std::string& each : texts) {
            each.assign(dice() % 3 ? dice() % 20 : 0, static_cast<char>('a' + dice() % 26));
            whole += each;
        }
        gathered all(std::vector<bytes>(texts.begin(), texts.end()));
        while (!all.empty()) {
            const std::string some = joined(all, 1 + dice() % 15);
            BOOST_REQUIRE_MESSAGE(!some.empty(), "seed " << seed);
            const std::size_t taken = 1 + dice() % some.size();
            got += some.substr(0, taken);
            all.remove_prefix(taken);
        }
        BOOST_REQUIRE_MESSAGE(got == whole, "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()
