#include <aio/log/rotation.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <ctime>

using namespace aio::log;

namespace {

std::time_t at(const char* text) {
    std::tm parts{};
    BOOST_REQUIRE(strptime(text, "%Y-%m-%d %H:%M:%S", &parts));
    parts.tm_isdst = -1;
    return std::mktime(&parts);
}

std::string shown(std::time_t time) {
    std::tm parts{};
    localtime_r(&time, &parts);
    char room[64];
    return {room, std::strftime(room, sizeof(room), "%Y-%m-%d %H:%M:%S", &parts)};
}

timed_args every(period unit, unsigned interval = 1, unsigned weekday = 0) {
    timed_args made;
    made.every = unit;
    made.interval = interval;
    made.weekday = weekday;
    return made;
}

struct berlin {
    berlin() {
        setenv("TZ", "Europe/Berlin", 1);
        tzset();
    }

    ~berlin() {
        setenv("TZ", "UTC", 1);
        tzset();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(rotation, berlin)

BOOST_AUTO_TEST_CASE(a_line_that_would_make_the_file_too_large_rolls_it_over) {
    const rotating_args of{"x", true, 100, 2};
    BOOST_TEST(!too_large(of, 90, 10));
    BOOST_TEST(too_large(of, 90, 11));
    BOOST_TEST(!too_large(of, 0, 1000));
    BOOST_TEST(!too_large({"x", true, 0, 2}, 90, 1000));
    BOOST_TEST(!too_large({"x", true, 100, 0}, 90, 1000));
}

BOOST_AUTO_TEST_CASE(each_period_rolls_over_at_its_own_time) {
    const std::time_t now = at("2026-11-21 09:36:52"); // a Saturday
    BOOST_TEST(shown(next_rollover(every(period::second, 5), now)) == "2026-11-21 09:36:57");
    BOOST_TEST(shown(next_rollover(every(period::minute), now)) == "2026-11-21 09:37:52");
    BOOST_TEST(shown(next_rollover(every(period::hour, 2), now)) == "2026-11-21 11:36:52");
    BOOST_TEST(shown(next_rollover(every(period::day), now)) == "2026-11-22 09:36:52");
    BOOST_TEST(shown(next_rollover(every(period::midnight), now)) == "2026-11-22 00:00:00");
    BOOST_TEST(shown(next_rollover(every(period::midnight, 3), now)) == "2026-11-24 00:00:00");
    BOOST_TEST(shown(next_rollover(every(period::weekday, 1, 5), now)) == "2026-11-22 00:00:00");
    BOOST_TEST(shown(next_rollover(every(period::weekday, 1, 0), now)) == "2026-11-24 00:00:00");
}

BOOST_AUTO_TEST_CASE(midnight_is_midnight_when_the_clocks_change) {
    const std::time_t spring = at("2026-03-29 00:00:00");
    BOOST_TEST(shown(next_rollover(every(period::midnight), spring)) == "2026-03-30 00:00:00");
    const std::time_t autumn = at("2026-10-25 12:00:00");
    BOOST_TEST(shown(next_rollover(every(period::midnight), autumn)) == "2026-10-26 00:00:00");
    BOOST_TEST(part_suffix(every(period::midnight), at("2026-10-26 00:00:00")) == ".2026-10-25");
}

BOOST_AUTO_TEST_CASE(parts_are_named_after_their_beginning) {
    const std::time_t end = at("2026-11-22 00:00:00");
    BOOST_TEST(part_suffix(every(period::midnight), end) == ".2026-11-21");
    BOOST_TEST(part_suffix(every(period::hour), end) == ".2026-11-21_23");
    BOOST_TEST(part_suffix(every(period::minute), end) == ".2026-11-21_23-59");
    BOOST_TEST(part_suffix(every(period::second), end) == ".2026-11-21_23-59-59");
    BOOST_TEST(is_part_suffix(every(period::hour), ".2026-11-21_23"));
    BOOST_TEST(!is_part_suffix(every(period::hour), ".2026-11-21"));
    BOOST_TEST(!is_part_suffix(every(period::midnight), ".2026-11-2x"));
    BOOST_TEST(!is_part_suffix(every(period::midnight), ".gz"));
}

BOOST_AUTO_TEST_CASE(the_oldest_parts_go) {
    timed_args of = every(period::midnight);
    of.backups = 2;
    const std::vector<std::string> parts{"x.3", "x.1", "x.2", "x.4"};
    BOOST_TEST(
        superfluous(of, parts, "x.4") == (std::vector<std::string>{"x.1", "x.2"}),
        boost::test_tools::per_element()
    );
    of.backups = 0;
    BOOST_TEST(superfluous(of, parts, "x.4").empty());
    of.backups = 4;
    BOOST_TEST(superfluous(of, parts, "x.4").empty());
}

BOOST_AUTO_TEST_CASE(report_log_3_parts_of_a_clock_that_was_ahead_cost_no_new_part) {
    timed_args of = every(period::second);
    of.backups = 2;
    const std::string made = "x.2026-11-21_10-00-03";
    std::vector<std::string> parts{"x.2036-01-01_00-00-01", made, "x.2036-01-01_00-00-02"};
    BOOST_TEST(superfluous(of, parts, made).empty());
    parts.emplace_back("x.2026-11-21_10-00-02");
    parts.emplace_back("x.2026-11-21_10-00-01");
    parts.emplace_back(made + ".1");
    BOOST_TEST(
        superfluous(of, parts, made) == (std::vector<std::string>{"x.2026-11-21_10-00-01"}),
        boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_SUITE_END()
