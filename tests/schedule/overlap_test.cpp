#include <aio/schedule/overlap.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::schedule;

BOOST_AUTO_TEST_SUITE(overlap_decision)

BOOST_AUTO_TEST_CASE(what_to_do_with_a_run_that_is_due) {
    struct row {
        overlap how;
        std::size_t running;
        bool waiting;
        due_action expected;
    };

    const row table[] = {
        {overlap::allow, 0, false, due_action::start},
        {overlap::skip, 0, false, due_action::start},
        {overlap::queue, 0, false, due_action::start},
        {overlap::cancel, 0, false, due_action::start},
        {overlap::allow, 1, false, due_action::start},
        {overlap::allow, 2, false, due_action::start},
        {overlap::allow, 3, false, due_action::skip},
        {overlap::skip, 1, false, due_action::skip},
        {overlap::queue, 1, false, due_action::wait},
        {overlap::queue, 1, true, due_action::skip},
        {overlap::cancel, 1, false, due_action::replace},
        {overlap::cancel, 1, true, due_action::replace},
    };
    for (const row& one : table) {
        spec of;
        of.overlap = one.how;
        of.max_running = 3;
        BOOST_TEST((on_due(of, one.running, one.waiting) == one.expected));
    }
}

BOOST_AUTO_TEST_SUITE_END()
