#include <aio/resilience/gcra.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

using namespace aio;
using namespace aio::resilience;
using namespace std::chrono_literals;

namespace {

constexpr base::rate per_second(double events) {
    return {events};
}

} // namespace

BOOST_AUTO_TEST_SUITE(gcra_)

BOOST_AUTO_TEST_CASE(events_conform_or_are_told_when_one_will) {
    const struct {
        base::rate rate;
        std::uint32_t burst;
        std::vector<std::pair<base::duration, base::duration>> events; ///< now, wait
    } all[] = {
        {per_second(10), 1, {{0s, 0s}, {0s, 100ms}, {50ms, 50ms}, {100ms, 0s}, {100ms, 100ms}}},
        {per_second(10), 3, {{0s, 0s}, {0s, 0s}, {0s, 0s}, {0s, 100ms}, {99ms, 1ms}, {100ms, 0s}}},
        {per_second(1), 2, {{7s, 0s}, {7s, 0s}, {7s, 1s}, {9s, 0s}, {9s, 0s}, {9s, 1s}}},
        {per_second(1), 2, {{0s, 0s}, {100s, 0s}, {100s, 0s}, {100s, 1s}}}, // no saving up
        {per_second(1.0 / 3600), 1, {{0s, 0s}, {1s, 3599s}, {1h, 0s}}},
        {per_second(1), 0, {{0s, 0s}, {0s, 1s}}}, // a burst of none would let nothing pass
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT("rate " << each.rate.per_second << ", burst " << each.burst) {
            gcra limit(each.rate, each.burst);
            shared_gcra shared(each.rate, each.burst);
            for (const auto& [now, wait] : each.events) {
                BOOST_TEST(limit.conforms(now).count() == wait.count());
                BOOST_TEST(shared.conforms(now).count() == wait.count());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_gives_no_event_for_nothing) {
    gcra limit(per_second(10), 1);
    BOOST_TEST(limit.conforms(5s).count() == 0);
    BOOST_TEST((limit.conforms(4s) == 1100ms));
    BOOST_TEST(limit.conforms(5s + 100ms).count() == 0);
}

BOOST_AUTO_TEST_CASE(extreme_rates_and_bursts_do_not_overflow) {
    constexpr auto most = std::uint32_t(-1);
    for (const double rate : {1e-300, 1e-9, 1.0, 1e9, 1e300})
        for (const std::uint32_t burst : {1U, 2U, most})
            for (const base::duration start : {base::duration(0), base::duration::max() / 4}) {
                gcra limit(per_second(rate), burst);
                for (int i = 0; i < 100; ++i)
                    BOOST_REQUIRE(limit.conforms(start + base::duration(i)).count() >= 0);
            }
    BOOST_TEST((gcra_law(per_second(1e12), 1).interval() == 1ns));
    BOOST_TEST((gcra_law(per_second(3), 1).interval() == 333'333'334ns));
}

BOOST_AUTO_TEST_CASE(a_word_that_is_idle_equals_one_without_a_past) {
    const gcra_law law(per_second(4), 3);
    gcra_word word;
    for (int i = 0; i < 3; ++i)
        word = law.judge(word, 1s).word;
    BOOST_TEST(!word.idle(1749ms));
    BOOST_TEST(word.idle(1750ms));
    for (const base::duration now : {1750ms, 2000ms, 9000ms}) {
        const auto judged = law.judge(word, now), fresh = law.judge({}, now);
        BOOST_TEST((judged.word == fresh.word));
        BOOST_TEST((judged.wait == fresh.wait));
    }
}

// Whatever the events: no window holds more than the burst and what the rate adds in it, and after
// the wait that was told an event conforms, but not before.
BOOST_AUTO_TEST_CASE(no_window_of_random_events_exceeds_the_rate) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        const double rate = std::uniform_real_distribution(0.5, 2000.0)(random);
        const std::uint32_t burst = std::uniform_int_distribution(1U, 20U)(random);
        const gcra_law law(per_second(rate), burst);
        const auto pace = static_cast<std::int64_t>(2e9 / rate);
        gcra_word word;
        base::duration now{0};
        std::vector<base::duration> passed;
        for (int i = 0; i < 200; ++i) {
            now += base::duration(std::uniform_int_distribution<std::int64_t>(0, pace)(random));
            const auto judged = law.judge(word, now);
            if (judged.wait.count() == 0) {
                word = judged.word;
                passed.push_back(now);
                continue;
            }
            BOOST_REQUIRE((judged.word == word));
            BOOST_REQUIRE(law.judge(word, now + judged.wait).wait.count() == 0);
            BOOST_REQUIRE(law.judge(word, now + judged.wait - 1ns).wait.count() == 1);
        }
        for (std::size_t first = 0; first < passed.size(); ++first)
            for (std::size_t last = first; last < passed.size(); ++last) {
                const base::duration window = passed[last] - passed[first];
                const auto most = burst + static_cast<std::uint64_t>(window / law.interval());
                BOOST_REQUIRE(last - first + 1 <= most);
            }
    }
}

BOOST_AUTO_TEST_CASE(threads_share_the_rate) {
    constexpr int count = 4, events = 5000;
    constexpr std::uint32_t burst = 1000;
    shared_gcra limit(per_second(1), burst);
    std::atomic<std::uint32_t> passed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            for (int each = 0; each < events; ++each)
                if (limit.conforms(1s).count() == 0)
                    ++passed;
        });
    for (std::thread& each : threads)
        each.join();
    BOOST_TEST(passed == burst);
}

BOOST_AUTO_TEST_SUITE_END()
