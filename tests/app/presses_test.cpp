#include <aio/app/presses.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::app;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::steady_clock::time_point begin{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(app_presses)

BOOST_AUTO_TEST_CASE(what_comes_within_a_moment_is_the_same_press) {
    presses one;
    BOOST_TEST((one.count(begin) == press::first));
    BOOST_TEST((one.count(begin) == press::same));
    BOOST_TEST((one.count(begin + 250ms) == press::same));
    BOOST_TEST((one.count(begin + 251ms) == press::again));
}

BOOST_AUTO_TEST_CASE(it_is_counted_from_the_first) {
    presses one;
    one.count(begin);
    one.count(begin + 200ms);
    BOOST_TEST((one.count(begin + 400ms) == press::again));
}

BOOST_AUTO_TEST_SUITE_END()
