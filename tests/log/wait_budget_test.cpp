#include <aio/log/wait_budget.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using aio::log::wait_budget;

namespace {

constexpr wait_budget::clock::time_point begin{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(wait_budget_)

BOOST_AUTO_TEST_CASE(the_first_wait_takes_a_tenth_of_a_second) {
    const wait_budget waits;
    BOOST_TEST((waits.left(begin) == 100ms));
}

BOOST_AUTO_TEST_CASE(waits_take_half_of_the_time) {
    const struct {
        wait_budget::clock::duration waited, later, left;
    } table[] = {
        {100ms, 0ms, 0ms},
        {100ms, 10ms, 5ms},
        {100ms, 200ms, 100ms},
        {100ms, 1h, 100ms},
        {30ms, 0ms, 70ms},
        {30ms, 20ms, 80ms},
        {300ms, 100ms, 0ms}, // the system has let it wait for longer than it was to
    };

    for (const auto& row : table) {
        wait_budget waits;
        waits.spend(begin, row.waited, true);
        BOOST_TEST((waits.left(begin + row.later) == row.left));
    }
}

BOOST_AUTO_TEST_CASE(a_reader_that_took_nothing_is_not_waited_for_until_it_takes_something) {
    wait_budget waits;
    waits.spend(begin, 100ms, false);
    BOOST_TEST((waits.left(begin + 1h) == 0ms));
    waits.taken();
    BOOST_TEST((waits.left(begin + 1h) == 100ms));
}

BOOST_AUTO_TEST_SUITE_END()
