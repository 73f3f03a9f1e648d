#include <aio/async/seeded.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/client/reconnect.hpp>
#include <aio/testing/case.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <stdexcept>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using base::duration;
using client::reconnect;
using client::reconnect_action;
using client::reconnect_rules;
using event = client::reconnect_event;
using kind = client::reconnect_action::kind;

namespace {

/// One client under the rules 200 ms … 30 s, steady 10 s.
struct one {
    explicit one(const reconnect_rules& rules = {}) : machine(rules) {}

    reconnect_action on(event what) { return machine.step(what, now, chance); }

    /// A connection that is up for `time` and ends.
    reconnect_action live(duration time) {
        BOOST_TEST((on(event::connected).what == kind::serve));
        now += time;
        return on(event::ended);
    }

    void wait(const reconnect_action& action) {
        BOOST_TEST((action.what == kind::wait));
        now += action.pause;
        BOOST_TEST((on(event::waited).what == kind::dial));
    }

    reconnect machine;
    duration now = 1h;
    std::minstd_rand chance{1};
};

bool within(const reconnect_action& action, duration least, duration most) {
    return action.what == kind::wait && action.pause >= least && action.pause <= most;
}

} // namespace

BOOST_AUTO_TEST_SUITE(reconnect_)

BOOST_AUTO_TEST_CASE(it_dials_at_once_when_it_starts) {
    one client;
    BOOST_TEST((client.on(event::started) == reconnect_action{kind::dial}));
}

BOOST_AUTO_TEST_CASE(pauses_after_failures_double_between_half_and_all_up_to_the_longest) {
    one client;
    client.on(event::started);
    for (const duration whole : {200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms}) {
        const auto next = client.on(event::failed);
        BOOST_TEST(within(next, whole / 2, whole));
        client.wait(next);
    }
    for (int i = 0; i < 10; ++i) {
        const auto next = client.on(event::failed);
        BOOST_TEST(within(next, 15s, 30s));
        client.wait(next);
    }
    BOOST_TEST(client.machine.failures() == 18);
}

BOOST_AUTO_TEST_CASE(a_peer_that_accepts_and_closes_at_once_is_not_dialed_in_a_circle) {
    one client;
    client.on(event::started);
    for (const duration whole : {200ms, 400ms, 800ms, 1600ms}) {
        const auto next = client.live(0s);
        BOOST_TEST(within(next, whole / 2, whole));
        client.wait(next);
    }
    BOOST_TEST(client.machine.failures() == 0);
    BOOST_TEST(client.machine.ends() == 4);
}

BOOST_AUTO_TEST_CASE(after_a_long_life_the_first_pause_spreads_and_the_next_doubles) {
    one client;
    client.on(event::started);
    duration most{0};
    for (int i = 0; i < 200; ++i) {
        const auto spread = client.live(10s);
        BOOST_TEST(within(spread, 0s, 1s));
        most = std::max(most, spread.pause);
        client.wait(spread);
    }
    BOOST_TEST((most > 950ms));
    BOOST_TEST(within(client.on(event::failed), 200ms, 400ms));
}

BOOST_AUTO_TEST_CASE(the_spread_is_no_longer_than_the_longest_pause) {
    one client({.backoff = 200ms, .backoff_max = 500ms, .attempts = {}});
    client.on(event::started);
    duration most{0};
    for (int i = 0; i < 200; ++i) {
        const auto spread = client.live(10s);
        most = std::max(most, spread.pause);
        client.wait(spread);
    }
    BOOST_TEST((most > 450ms && most <= 500ms));
}

BOOST_AUTO_TEST_CASE(a_life_shorter_than_steady_continues_the_row) {
    one client;
    client.on(event::started);
    client.wait(client.on(event::failed));
    BOOST_TEST(within(client.live(9999ms), 200ms, 400ms));
}

BOOST_AUTO_TEST_CASE(a_life_shorter_than_the_last_pause_continues_the_row) {
    one client;
    client.on(event::started);
    for (int i = 0; i < 9; ++i)
        client.wait(client.on(event::failed)); // the last pause is 15 s at least
    BOOST_TEST(within(client.live(14s), 15s, 30s));
}

BOOST_AUTO_TEST_CASE(it_crashes_after_as_many_failures_in_a_row_as_are_allowed) {
    one client({.attempts = 3});
    client.on(event::started);
    client.wait(client.on(event::failed));
    client.wait(client.on(event::failed));
    BOOST_TEST((client.on(event::failed).what == kind::crash));
    BOOST_TEST(client.machine.failures() == 3);
    BOOST_TEST((client.on(event::started).what == kind::dial)); // a restart
    BOOST_TEST(client.machine.failures() == 0);
}

BOOST_AUTO_TEST_CASE(a_connection_begins_the_count_of_attempts_anew) {
    one client({.attempts = 2});
    client.on(event::started);
    client.wait(client.on(event::failed));
    client.wait(client.live(1ms));
    client.wait(client.on(event::failed));
    BOOST_TEST((client.on(event::failed).what == kind::crash));
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_come_is_a_mistake_of_the_caller) {
    const std::vector<std::pair<std::vector<event>, std::vector<event>>> table{
        {{}, {event::failed, event::connected, event::ended, event::waited}},
        {{event::started}, {event::ended, event::waited}},
        {{event::started, event::failed}, {event::failed, event::connected, event::ended}},
        {{event::started, event::connected}, {event::failed, event::connected, event::waited}},
        {{event::started, event::connected, event::ended},
         {event::failed, event::connected, event::ended}},
    };
    for (const auto& [before, wrong] : table)
        for (const event each : wrong) {
            one client;
            for (const event earlier : before)
                client.on(earlier);
            BOOST_CHECK_THROW(client.on(each), std::logic_error);
        }
}

// Whatever happens when: no two attempts follow each other without the pause of the law.
AIO_SIMULATED_TEST_CASE(pauses_stay_within_the_law_whatever_happens, 10'000) {
    auto& time = *async::loop::of(co_await boost::asio::this_coro::executor)->simulation();
    async::seeded random(time.random());
    const auto upto = [&](std::uint64_t most) { return random() % (most + 1); };
    const auto milliseconds = [&](std::uint64_t most) {
        return duration(std::chrono::milliseconds(upto(most)));
    };
    reconnect_rules rules;
    rules.backoff = milliseconds(1000) + 1ms;
    rules.backoff_max = rules.backoff + milliseconds(60'000);
    rules.steady = milliseconds(20'000) + 1ms;
    if (upto(1) == 1)
        rules.attempts = upto(9) + 1;
    one client(rules);
    client.chance.seed(static_cast<std::uint_fast32_t>(upto(1u << 30)));
    std::size_t row = 0, failures = 0;
    duration last{0};
    BOOST_TEST((client.on(event::started).what == kind::dial));
    for (int step = 0; step < 40; ++step) {
        bool steady = false;
        reconnect_action next;
        if (upto(2) == 0) {
            failures = 0;
            const duration lived = milliseconds(upto(1) == 0 ? 100 : 60'000);
            steady = lived >= std::max(rules.steady, last);
            next = client.live(lived);
        } else {
            client.now += milliseconds(10'000);
            ++failures;
            next = client.on(event::failed);
        }
        if (rules.attempts && failures == *rules.attempts) {
            BOOST_TEST((next.what == kind::crash));
            co_return;
        }
        duration whole = rules.backoff;
        for (std::size_t i = 0; i < (steady ? 0 : row) && whole < rules.backoff_max; ++i)
            whole = std::min(whole * 2, rules.backoff_max);
        if (steady)
            BOOST_TEST(within(next, 0s, std::min(rules.backoff * 5, rules.backoff_max)));
        else
            BOOST_TEST(within(next, whole / 2, whole));
        row = steady ? 1 : row + 1;
        last = next.pause;
        client.wait(next);
    }
}

BOOST_AUTO_TEST_SUITE_END()
