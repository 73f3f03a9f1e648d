#include <aio/service/supervision.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using service::restart_window;
using service::strategy;
using service::supervisor_spec;
using service::verdict;

namespace {

supervisor_spec by(strategy how) {
    supervisor_spec out;
    out.strategy = how;
    return out;
}

std::string text(const verdict& given) {
    std::string out = given.action == verdict::kind::restart   ? "restart"
                      : given.action == verdict::kind::forfeit ? "forfeit"
                                                               : "give up";
    for (const std::size_t member : given.members)
        out += " " + std::to_string(member);
    return out;
}

struct crashes {
    restart_window window;
    std::minstd_rand random{1};

    verdict
    at(const supervisor_spec& supervisor,
       base::duration when,
       std::size_t which = 1,
       std::optional<base::duration> up = std::nullopt) {
        return window.on_crash(supervisor, which, 4, when, random, up);
    }
};

// Drawn between half of it and all of it.
bool about(base::duration drawn, base::duration most) {
    return drawn >= most / 2 && drawn <= most;
}

} // namespace

BOOST_AUTO_TEST_SUITE(supervision)

BOOST_AUTO_TEST_CASE(a_restart_beyond_the_end_of_the_clock_does_not_overflow) {
    supervisor_spec slow = by(strategy::one_for_one);
    slow.backoff = slow.backoff_max = base::duration::max();
    crashes one;
    for (const base::duration up_for : {48h, 72h}) { // since the system was started
        const verdict said = one.at(slow, base::duration::max() / 2 + up_for);
        BOOST_TEST(text(said) == "restart 1");
        BOOST_TEST(about(said.after, base::duration::max()));
    }
}

BOOST_AUTO_TEST_CASE(the_strategy_names_whom_a_crash_concerns) {
    const struct {
        strategy how;
        std::size_t which;
        const char* says;
    } table[] = {
        {strategy::one_for_one, 0, "restart 0"},
        {strategy::one_for_one, 3, "restart 3"},
        {strategy::one_for_all, 2, "restart 0 1 2 3"},
        {strategy::rest_for_one, 0, "restart 0 1 2 3"},
        {strategy::rest_for_one, 2, "restart 2 3"},
        {strategy::rest_for_one, 3, "restart 3"},
        {strategy::forfeit_one, 2, "forfeit 2"},
        {strategy::forfeit_all, 2, "forfeit 0 1 2 3"},
    };

    for (const auto& row : table)
        BOOST_TEST(text(crashes().at(by(row.how), 0s, row.which)) == row.says);
}

BOOST_AUTO_TEST_CASE(five_restarts_within_ten_seconds_and_one_more_gives_up) {
    crashes c;
    const supervisor_spec of = by(strategy::one_for_one);
    for (std::size_t i = 0; i < 5; ++i) {
        const verdict said = c.at(of, i * 1s, i % 4);
        BOOST_TEST((said.action == verdict::kind::restart));
        BOOST_TEST(said.count == i + 1);
    }
    BOOST_TEST(text(c.at(of, 9s)) == "give up");
}

BOOST_AUTO_TEST_CASE(restarts_that_are_long_past_do_not_count) {
    crashes c;
    const supervisor_spec of = by(strategy::one_for_one);
    base::duration now = 0s;
    for (std::size_t i = 0; i < 100; ++i) {
        const verdict said = c.at(of, now);
        BOOST_TEST_CONTEXT("crash " << i)
        BOOST_TEST((said.action == verdict::kind::restart));
        now += said.after + 2500ms;
    }
}

BOOST_AUTO_TEST_CASE(a_back_off_doubles_with_each_restart_in_a_row_up_to_the_most) {
    crashes c;
    supervisor_spec of = by(strategy::one_for_one);
    of.max_restarts = 100;
    of.over = 1h;
    of.backoff_max = 1s;
    for (const auto most : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
        BOOST_TEST(about(c.at(of, 0s).after, most));
    BOOST_TEST(about(c.at(of, 2h).after, 100ms));
}

BOOST_AUTO_TEST_CASE(a_back_off_goes_on_growing_when_its_restarts_have_left_the_window) {
    crashes c;
    const supervisor_spec of = by(strategy::one_for_one);
    base::duration now = 0s;
    base::duration most = 100ms;
    for (int i = 0; i < 20; ++i) {
        const verdict said = c.at(of, now, 1, 0s); // hangs in its start, for 2s
        BOOST_TEST_CONTEXT("crash " << i) {
            BOOST_TEST((said.action == verdict::kind::restart));
            BOOST_TEST(about(said.after, most));
        }
        now += said.after + 2s;
        most = std::min<base::duration>(most * 2, 30s);
    }
    BOOST_TEST((most == 30s));
}

BOOST_AUTO_TEST_CASE(a_back_off_is_that_of_the_one_that_crashed) {
    crashes c;
    supervisor_spec of = by(strategy::one_for_all);
    of.max_restarts = 100;

    const struct {
        std::size_t which;
        base::duration most;
    } table[] = {
        {0, 100ms}, {0, 200ms}, {0, 400ms}, {1, 100ms}, {0, 800ms}, {1, 200ms}, {3, 100ms}
    };

    for (const auto& row : table)
        BOOST_TEST(about(c.at(of, 0s, row.which).after, row.most), "row " << &row - table);
    BOOST_TEST(c.at(of, 0s).count == 8u); // the window is shared
    c.window.clear();
    BOOST_TEST(about(c.at(of, 0s, 0).after, 100ms));
}

BOOST_AUTO_TEST_CASE(a_back_off_begins_anew_after_a_time_without_trouble) {
    const struct {
        base::duration backoff; // so the second is drawn between it and twice as much
        base::duration up;
        bool anew;
    } table[] = {
        {100ms, 0s, false},
        {100ms, 9999ms, false},
        {100ms, 10s, true},
        {100ms, 1h, true},
        {20s, 10s, false},
        {20s, 19s, false},
        {20s, 40s, true},
    };

    for (const auto& row : table) {
        crashes c;
        supervisor_spec of = by(strategy::one_for_one);
        of.max_restarts = 100;
        of.backoff = row.backoff;
        of.backoff_max = 1h;
        c.at(of, 0s, 1, 0s);
        c.at(of, 0s, 1, 0s);
        const base::duration third = c.at(of, 1h, 1, row.up).after;
        BOOST_TEST(about(third, row.backoff * (row.anew ? 1 : 4)), "row " << &row - table);
    }
}

BOOST_AUTO_TEST_CASE(a_restart_counts_when_it_happens) {
    crashes c;
    supervisor_spec of = by(strategy::one_for_one);
    of.over = 10s;
    of.backoff = 8s;
    of.backoff_max = 60s;
    BOOST_TEST(about(c.at(of, 0s).after, 8s));
    BOOST_TEST(c.at(of, 12s).count == 2); // restarted between 4 and 8
}

BOOST_AUTO_TEST_CASE(jitter_is_drawn_from_what_is_given) {
    const supervisor_spec of = by(strategy::one_for_one);
    crashes a, b, c;
    c.random.seed(2);
    const auto first = a.at(of, 0s).after;
    BOOST_TEST((first == b.at(of, 0s).after));
    BOOST_TEST((first != c.at(of, 0s).after));
}

BOOST_AUTO_TEST_CASE(case_180_the_replacement_takes_the_place_of_the_first_that_crashes) {
    crashes c;
    supervisor_spec of = by(strategy::one_for_all);
    of.replacement = "service/s4";
    BOOST_TEST(c.at(of, 0s).replace);
    BOOST_TEST(!c.at(of, 1s).replace);
    c.window.clear();
    BOOST_TEST(!c.at(of, 2s).replace);
}

BOOST_AUTO_TEST_CASE(no_restart_at_all_is_a_number_too) {
    supervisor_spec of = by(strategy::one_for_one);
    of.max_restarts = 0;
    BOOST_TEST(text(crashes().at(of, 0s)) == "give up");
}

BOOST_AUTO_TEST_CASE(the_most_restarts_that_fit_into_the_window) {
    const struct {
        base::duration over, backoff, backoff_max;
        std::size_t of_many, most;
    } table[] = {
        {10s, 100ms, 30s, 1, 7}, // 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 s after the first
        {1s, 100ms, 30s, 1, 4},
        {1s, 100ms, 30s, 0, 0},
        {1s, 100ms, 30s, 2, 9},
        {1499ms, 100ms, 30s, 1, 4},
        {1500ms, 100ms, 30s, 1, 5},
        {1s, 100ms, 100ms, 1, 21}, // every 50 ms
        {1s, 30s, 30s, 1, 1},
        {1s, 30s, 30s, 1000, 1999},
        {base::duration::max() / 4, 1ms, 2ms, 1, std::size_t(1) << 63},
    };

    for (const auto& row : table) {
        supervisor_spec of = by(strategy::one_for_one);
        of.over = row.over;
        of.backoff = row.backoff;
        of.backoff_max = row.backoff_max;
        const std::size_t most = service::most_restarts(of, row.of_many);
        const bool huge = row.most == std::size_t(1) << 63;
        BOOST_TEST((huge ? most > 1000000 : most == row.most), "row " << &row - table << most);
    }
}

BOOST_AUTO_TEST_CASE(one_that_crashes_at_once_is_given_up_with_as_many_and_with_no_more) {
    supervisor_spec of = by(strategy::one_for_one);
    of.over = 1s;
    const auto gives_up = [&](std::size_t most) {
        of.max_restarts = most;
        for (std::uint_fast32_t seed = 1; seed <= 2000; ++seed) {
            restart_window window;
            std::minstd_rand random(seed);
            base::duration now = 0s;
            for (int i = 0; i < 30; ++i) {
                const verdict said = window.on_crash(of, 0, 1, now, random, 0s);
                if (said.action == verdict::kind::give_up)
                    return true;
                now += said.after;
            }
        }
        return false;
    };
    BOOST_TEST(gives_up(4));
    BOOST_TEST(!gives_up(5));
}

BOOST_AUTO_TEST_CASE(the_least_window_that_always_works) {
    supervisor_spec of = by(strategy::one_for_one);
    BOOST_TEST((service::least_window(of) == 3s)); // 0.2 + 0.4 + 0.8 + 1.6
    of.backoff_max = 300ms;
    BOOST_TEST((service::least_window(of) == 1100ms)); // 0.2 + 0.3 + 0.3 + 0.3
    of.max_restarts = 1;
    BOOST_TEST((service::least_window(of) == 0s));
    of.max_restarts = std::size_t(1) << 62;
    BOOST_TEST((service::least_window(of) > 1h));
}

BOOST_AUTO_TEST_CASE(the_longest_times_do_not_overflow) {
    crashes c;
    supervisor_spec of = by(strategy::one_for_one);
    of.max_restarts = 1000;
    of.over = base::duration::max() / 4;
    of.backoff_max = base::duration::max() / 4;
    for (int i = 0; i < 200; ++i)
        BOOST_TEST((c.window.on_crash(of, 0, 1, 0s, c.random).after > 0s));
}

BOOST_AUTO_TEST_SUITE_END()
