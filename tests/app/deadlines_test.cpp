#include <aio/app/deadlines.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio;
using namespace std::chrono_literals;
using app::deadlines;
using reached = app::deadlines::reached;

namespace {

constexpr async::time_point start{base::duration(48h)};
constexpr base::duration longest = base::duration::max();

} // namespace

BOOST_AUTO_TEST_SUITE(app_deadlines)

BOOST_AUTO_TEST_CASE(only_the_first_call_arms_the_deadline_of_the_stop) {
    deadlines all;
    BOOST_TEST(!all.armed());
    BOOST_TEST((all.left(start, 1h) == 1h));
    all.arm(start, 10s);
    all.arm(start, 1s);
    BOOST_TEST(all.armed());
    BOOST_TEST((all.left(start + 4s, 1h) == 6s));
    BOOST_TEST((all.look(start + 9s) == reached::nothing));
    BOOST_TEST((all.look(start + 10s) == reached::stop));
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_shortened_is_never_later) {
    deadlines all;
    all.shorten(start, 10s);
    all.shorten(start, 20s);
    BOOST_TEST((all.left(start, 1h) == 10s));
    all.shorten(start, 1s);
    BOOST_TEST((all.look(start + 1s) == reached::stop));
}

BOOST_AUTO_TEST_CASE(a_deadline_beyond_the_end_of_the_clock_is_never_reached) {
    for (const base::duration within : {longest, longest - 200ms, longest - base::duration(47h)}) {
        deadlines all;
        all.arm(start, within);
        BOOST_TEST(all.armed());
        BOOST_TEST((all.look(start) == reached::nothing));
        BOOST_TEST((all.look(start + 100'000h) == reached::nothing));
        BOOST_TEST((all.left(start, 1h) == 1h));
    }
}

BOOST_AUTO_TEST_CASE(the_end_by_force_comes_a_moment_after_the_time_for_the_stop) {
    BOOST_TEST((app::force_after(10s) == 10'200ms));
    BOOST_TEST((app::force_after(0s) == 200ms));
    BOOST_TEST(!app::force_after(std::nullopt));
    BOOST_TEST(!app::force_after(longest));
    BOOST_TEST(!app::force_after(longest - 100ms));
    BOOST_TEST((app::force_after(longest - 200ms) == longest));
}

BOOST_AUTO_TEST_CASE(a_stop_signal_limits_the_preparation) {
    deadlines all;
    all.preparation_begins(start);
    BOOST_TEST((all.look(start + 1h) == reached::nothing));
    all.told_to_stop(start + 1h);
    BOOST_TEST((all.look(start + 1h) == reached::nothing));
    BOOST_TEST((all.look(start + 1h + 1s) == reached::preparation));
    all.preparation_ends();
    BOOST_TEST((all.look(start + 2h) == reached::nothing));
    all.told_to_stop(start + 2h);
    BOOST_TEST((all.look(start + 3h) == reached::nothing));
}

BOOST_AUTO_TEST_CASE(a_stop_signal_before_the_preparation_limits_it_too) {
    deadlines all;
    all.told_to_stop(start);
    BOOST_TEST((all.look(start + 5s) == reached::nothing));
    all.preparation_begins(start + 5s);
    BOOST_TEST((all.look(start + 5s) == reached::nothing));
    BOOST_TEST((all.left(start + 5s, 1h) == 1s));
    BOOST_TEST((all.look(start + 6s) == reached::preparation));
}

BOOST_AUTO_TEST_CASE(answers_are_due_once) {
    deadlines all;
    BOOST_TEST(!all.answers_due(start));
    all.await_answers(start + 1s);
    BOOST_TEST(!all.answers_due(start));
    BOOST_TEST((all.left(start, 1h) == 1s));
    BOOST_TEST(all.answers_due(start + 1s));
    BOOST_TEST(!all.answers_due(start + 2s));
    BOOST_TEST((all.left(start + 2s, 1h) == 1h));
}

BOOST_AUTO_TEST_CASE(further_questions_do_not_postpone_the_answers) {
    deadlines all;
    for (int i = 0; i < 20; ++i)
        all.await_answers(start + i * 100ms + 1s);
    BOOST_TEST((all.left(start, 1h) == 1s));
    BOOST_TEST(all.answers_due(start + 1s));
    BOOST_TEST(!all.answers_due(start + 2s)); // those of the last question are not due yet
    BOOST_TEST(all.answers_due(start + 2900ms));
    BOOST_TEST(!all.answers_due(start + 10s));
}

BOOST_AUTO_TEST_SUITE_END()
