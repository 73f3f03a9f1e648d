#include <aio/app/blockage.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::app;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(app_blockage)

BOOST_AUTO_TEST_CASE(it_begins_at_the_limit_and_is_told_once) {
    blockage one;
    BOOST_TEST((one.look(0s, 1s) == blockage_news::none));
    BOOST_TEST((one.look(999ms, 1s) == blockage_news::none));
    BOOST_TEST((one.look(1s, 1s) == blockage_news::begins));
    BOOST_TEST((one.look(2s, 1s) == blockage_news::none));
}

BOOST_AUTO_TEST_CASE(its_end_is_told_with_how_long_it_was_seen) {
    blockage one;
    one.look(1s, 1s);
    one.look(3s, 1s);
    BOOST_TEST((one.look(5ms, 1s) == blockage_news::over));
    BOOST_TEST((one.longest() == 3s));
    BOOST_TEST((one.look(5ms, 1s) == blockage_news::none));
}

BOOST_AUTO_TEST_CASE(the_next_one_is_another) {
    blockage one;
    one.look(7s, 1s);
    one.look(0s, 1s);
    BOOST_TEST((one.look(2s, 1s) == blockage_news::begins));
    BOOST_TEST((one.look(0s, 1s) == blockage_news::over));
    BOOST_TEST((one.longest() == 2s));
}

BOOST_AUTO_TEST_SUITE_END()
