#include <aio/schedule/phase.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

using namespace aio::schedule;

BOOST_AUTO_TEST_SUITE(phase_)

BOOST_AUTO_TEST_CASE(a_change_leads_from_each_phase_to_the_next) {
    using enum phase;
    constexpr phase all[] = {resting, active, ending, stopping};
    constexpr change changes[] = {
        change::started,
        change::ended_by_itself,
        change::intake_ended,
        change::told_to_stop,
        change::crashed,
        change::last_run_ended
    };
    // Rows: now; columns: the changes in this order.
    constexpr phase table[4][6] = {
        {active, resting, resting, resting, resting, resting},    // resting
        {active, ending, stopping, stopping, stopping, active},   // active
        {active, ending, ending, stopping, stopping, resting},    // ending
        {active, stopping, stopping, stopping, stopping, resting} // stopping
    };
    for (std::size_t now = 0; now < 4; ++now)
        for (std::size_t what = 0; what < 6; ++what)
            BOOST_TEST((after(all[now], changes[what]) == table[now][what]), now << " by " << what);
}

BOOST_AUTO_TEST_SUITE_END()
