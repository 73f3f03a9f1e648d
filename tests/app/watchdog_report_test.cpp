#include <aio/app/watchdog_report.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace aio::app;
using namespace std::chrono_literals;

namespace {

const std::string passed = "aio: the stop deadline has passed, ending by force\n";

watched_unit unit(const std::string& name, bool runs) {
    return watched_unit("aio: " + name + " has not ended\n", [runs] { return runs; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_watchdog_report)

BOOST_AUTO_TEST_CASE(what_the_main_loop_said_last_is_what_is_said) {
    const std::vector<watched_unit> units{unit("service/x", true)};
    BOOST_TEST(
        forced_end({}, "aio: the main loop knows\n", units) == passed + "aio: the main loop knows\n"
    );
}

BOOST_AUTO_TEST_CASE(of_units_that_nobody_spoke_of_those_are_named_that_run) {
    const std::vector<watched_unit> units{unit("service/x", false), unit("service/y", true)};
    BOOST_TEST(forced_end({}, "", units) == passed + "aio: service/y has not ended\n");
}

BOOST_AUTO_TEST_CASE(twenty_units_are_named_and_the_others_counted) {
    const std::vector<watched_unit> few(20, unit("x", true));
    BOOST_TEST(forced_end({}, "", few).find("and more") == std::string::npos);
    std::vector<watched_unit> many(25, unit("x", true));
    many.insert(many.begin(), unit("ended", false));
    const std::string text = forced_end({}, "", many);
    const std::string rest = "aio: and more, 25 in all\n";
    BOOST_TEST(text.ends_with("aio: x has not ended\n" + rest));
    BOOST_TEST(text.size() == passed.size() + 20 * few[0].line.size() + rest.size());
}

BOOST_AUTO_TEST_CASE(a_loop_is_blocked_that_has_not_turned_for_a_tenth_of_a_second) {
    const std::vector<busy_loop> loops{{"main", 99ms}, {"loop-1", 100ms}, {"loop-2", 2500ms}};
    BOOST_TEST(
        forced_end(loops, "", {}) ==
        passed + "aio: loop loop-1 is blocked: it has been in one call for 100ms\n"
                 "aio: loop loop-2 is blocked: it has been in one call for 2.5s\n"
    );
}

BOOST_AUTO_TEST_CASE(a_blocked_loop_is_told_of_with_its_stack) {
    BOOST_TEST(
        blocking_detected({"main", 1234ms}, 1s, "  #0 f()\n") ==
        "WARNING: Blocking detected (timeout=1.0): loop main has been in one call for 1.234s\n"
        "  #0 f()\n"
    );
    BOOST_TEST(
        no_answer({"main", 2s}, "  #0 f()\n") ==
        "aio: loop main has not answered for 2s, its tasks cannot be listed\n  #0 f()\n"
    );
}

BOOST_AUTO_TEST_SUITE_END()
