#include <aio/client/condition.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

using namespace aio::client;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(condition_)

BOOST_AUTO_TEST_CASE(one_connection_says_what_it_does) {
    const auto text = [](link_view view) { return describe(std::vector{view}); };
    BOOST_TEST(text({link_state::up, 0s, 7, failure::refused}) == "up");
    BOOST_TEST(text({link_state::resolving}) == "resolving");
    BOOST_TEST(text({link_state::stopped}) == "stopped");
    BOOST_TEST(
        text({link_state::waiting, 2130ms, 7, failure::refused}) ==
        "waits 2.1 s, 7 failures, last: refused"
    );
    BOOST_TEST(
        text({link_state::connecting, 0s, 1, failure::timeout}) ==
        "connecting, 1 failure, last: timed out"
    );
}

BOOST_AUTO_TEST_CASE(several_connections_say_how_many_are_up_and_the_worst_of_the_others) {
    const link_view up{link_state::up, 0s, 9, failure::reset};
    const link_view begins{link_state::connecting};
    const link_view waits{link_state::waiting, 200ms, 3, failure::name};
    BOOST_TEST(describe(std::vector{up, up}) == "2 of 2 up");
    BOOST_TEST(describe(std::vector{up, begins}) == "1 of 2 up; connecting");
    BOOST_TEST(
        describe(std::vector{begins, waits, up}) ==
        "1 of 3 up; waits 0.2 s, 3 failures, last: name not resolved"
    );
}

BOOST_AUTO_TEST_CASE(without_connections_there_is_nothing_to_say) {
    BOOST_TEST(describe(std::vector<link_view>{}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
