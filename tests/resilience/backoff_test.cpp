#include <aio/resilience/backoff.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <random>

using namespace aio::resilience;
using namespace std::chrono_literals;
using aio::base::duration;

BOOST_AUTO_TEST_SUITE(backoff_)

BOOST_AUTO_TEST_CASE(doubling_ends_at_the_longest) {
    BOOST_TEST((doubled(100ms, 0, 30s) == 100ms));
    BOOST_TEST((doubled(100ms, 3, 30s) == 800ms));
    BOOST_TEST((doubled(100ms, 60, 30s) == 30s));
    BOOST_TEST((doubled(1min, 0, 30s) == 30s));
    BOOST_TEST((doubled(duration::max() / 2, 70, duration::max()) == duration::max()));
    BOOST_TEST((doubled(0s, 5, 30s) == 0s));
}

namespace {

struct extremes {
    duration least = duration::max(), most{0};
};

/// Of many draws.
template <typename Draw>
extremes extremes_of(Draw draw) {
    extremes seen;
    for (int i = 0; i < 1000; ++i) {
        const duration pause = draw();
        seen.least = std::min(seen.least, pause);
        seen.most = std::max(seen.most, pause);
    }
    return seen;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_pause_is_between_half_and_all) {
    std::minstd_rand chance(1);
    const auto [least, most] = extremes_of([&] { return drawn(1s, chance); });
    BOOST_TEST((least >= 500ms && least < 520ms));
    BOOST_TEST((most <= 1s && most > 980ms));
    BOOST_TEST((drawn(0s, chance) == 0s));
}

BOOST_AUTO_TEST_CASE(a_spread_is_between_nothing_and_all) {
    std::minstd_rand chance(1);
    const auto [least, most] = extremes_of([&] { return spread(1s, chance); });
    BOOST_TEST((least >= 0s && least < 20ms));
    BOOST_TEST((most <= 1s && most > 980ms));
    BOOST_TEST((spread(0s, chance) == 0s));
}

BOOST_AUTO_TEST_CASE(a_row_doubles_until_something_has_lasted) {
    std::minstd_rand chance(1);
    backoff_row row;
    for (const duration whole : {100ms, 200ms, 400ms, 800ms}) {
        const duration pause = row.next(100ms, 30s, chance);
        BOOST_TEST((pause >= whole / 2 && pause <= whole));
    }
    BOOST_TEST(row.attempts() == 4);
    BOOST_TEST(!row.lasted(9s, 10s));
    BOOST_TEST(row.attempts() == 4);
    BOOST_TEST(row.lasted(10s, 10s));
    BOOST_TEST(row.attempts() == 0);
    BOOST_TEST((row.next(100ms, 30s, chance) <= 100ms));
}

BOOST_AUTO_TEST_CASE(what_lasts_less_than_the_last_pause_does_not_begin_anew) {
    backoff_row row;
    row.take(20s);
    BOOST_TEST(!row.lasted(15s, 10s));
    BOOST_TEST(row.lasted(20s, 10s));
}

BOOST_AUTO_TEST_SUITE_END()
