#include <aio/timetable/cron.hpp>

#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace std::chrono;
using aio::timetable::cron;
using aio::timetable::cron_doubt;
using aio::timetable::cron_error;
using aio::timetable::instant;
using aio::timetable::zone;

namespace {

instant utc(int y, unsigned mo, unsigned d, int h = 0, int mi = 0, int s = 0) {
    return instant{sys_days{year{y} / mo / d}} + hours{h} + minutes{mi} + seconds{s};
}

cron line(std::string_view text) {
    std::vector<cron_error> errors;
    const auto made = cron::parse(text, errors);
    BOOST_REQUIRE_MESSAGE(made, text << ": " << (errors.empty() ? "" : errors.front().text));
    return *made;
}

zone in(std::string_view name) {
    const auto found = zone::find(name);
    BOOST_REQUIRE_MESSAGE(found, name);
    return *found;
}

std::string text(instant moment) {
    const auto day = floor<days>(moment);
    const year_month_day ymd{day};
    const hh_mm_ss time{moment - day};
    char out[64];
    std::snprintf(
        out,
        sizeof out,
        "%04d-%02u-%02u %02d:%02d:%02d",
        int(ymd.year()),
        unsigned(ymd.month()),
        unsigned(ymd.day()),
        int(time.hours().count()),
        int(time.minutes().count()),
        int(time.seconds().count())
    );
    return out;
}

struct step {
    std::string_view cron, zone;
    instant after;
    std::string_view expected;
};

void check(const step& given) {
    BOOST_TEST_CONTEXT(given.cron << " in " << given.zone << " after " << text(given.after))
    BOOST_TEST(text(line(given.cron).next(given.after, in(given.zone))) == given.expected);
}

} // namespace

BOOST_AUTO_TEST_SUITE(cron_lines)

BOOST_AUTO_TEST_CASE(case_175_next_fire_from_the_year_2000) {
    const instant from = utc(2000, 1, 1);
    BOOST_TEST((line("*/1 * * * *").next(from, {}) - from).count() == 60);
    BOOST_TEST((line("0 20 * * *").next(from, {}) - from).count() == 72000);
    BOOST_TEST(
        (line("0 13 4 7 *").next(from, {}) - from).count() == seconds{days{185} + hours{13}}.count()
    );
    BOOST_TEST((line("0 20 * * *").next(from, in("US/Pacific")) - from).count() == 14400);
}

BOOST_AUTO_TEST_CASE(case_137_six_stars_fire_each_second) {
    instant at = utc(2026, 2, 28, 23, 59, 50);
    for (int i = 1; i <= 20; ++i) {
        const instant next = line("* * * * * *").next(at, {});
        BOOST_TEST((next - at).count() == 1);
        at = next;
    }
}

BOOST_AUTO_TEST_CASE(fields_mean_what_they_say) {
    const instant from = utc(2026, 1, 1); // a Thursday
    const step table[] = {
        {"5 4 * * *", "UTC", from, "2026-01-01 04:05:00"},
        {"0 0 1 1 *", "UTC", from, "2027-01-01 00:00:00"},
        {"*/15 * * * *", "UTC", utc(2026, 1, 1, 0, 15), "2026-01-01 00:30:00"},
        {"*/15 * * * *", "UTC", utc(2026, 1, 1, 23, 45), "2026-01-02 00:00:00"},
        {"10-20/5 * * * *", "UTC", utc(2026, 1, 1, 0, 15), "2026-01-01 00:20:00"},
        {"10-20/5 * * * *", "UTC", utc(2026, 1, 1, 0, 20), "2026-01-01 01:10:00"},
        {"50/5 * * * *", "UTC", utc(2026, 1, 1, 0, 50), "2026-01-01 00:55:00"},
        {"0 8,12,18 * * *", "UTC", utc(2026, 1, 1, 12), "2026-01-01 18:00:00"},
        {"0 0 * feb *", "UTC", from, "2026-02-01 00:00:00"},
        {"0 0 * JAN-mar,Dec *", "UTC", utc(2026, 4, 1), "2026-12-01 00:00:00"},
        {"0 0 * * mon", "UTC", from, "2026-01-05 00:00:00"},
        {"0 0 * * 0", "UTC", from, "2026-01-04 00:00:00"},
        {"0 0 * * 7", "UTC", from, "2026-01-04 00:00:00"},
        {"0 0 * * sat-sun", "UTC", utc(2026, 1, 3), "2026-01-04 00:00:00"},
        {"0 0 * * fri-sun", "UTC", utc(2026, 1, 4), "2026-01-09 00:00:00"},
        {"0 0 * * 5-7", "UTC", utc(2026, 1, 3), "2026-01-04 00:00:00"},
        {"0 0 * * 0-7", "UTC", from, "2026-01-02 00:00:00"},
        {"0 9 * * 1-5", "UTC", utc(2026, 1, 2, 9), "2026-01-05 09:00:00"},
        {"0 0 31 * *", "UTC", utc(2026, 1, 31), "2026-03-31 00:00:00"},
        {"0 0 29 2 *", "UTC", from, "2028-02-29 00:00:00"},
        {"0 0 29 2 *", "UTC", utc(2096, 2, 29), "2104-02-29 00:00:00"},
        {"* * * * * 30", "UTC", utc(2026, 1, 1, 0, 0, 30), "2026-01-01 00:01:30"},
        {"0 0 1 1 * */20", "UTC", utc(2026, 1, 1, 0, 0, 40), "2027-01-01 00:00:00"},
        {"59 23 31 12 * 59", "UTC", from, "2026-12-31 23:59:59"},
        {"  0\t0 * * *  ", "UTC", from, "2026-01-02 00:00:00"},
    };
    for (const step& one : table)
        check(one);
}

BOOST_AUTO_TEST_CASE(shorthands_are_their_lines) {
    BOOST_TEST((line("@hourly") == line("0 * * * *")));
    BOOST_TEST((line("@daily") == line("0 0 * * *")));
    BOOST_TEST((line("@midnight") == line("@Daily")));
    BOOST_TEST((line("@weekly") == line("0 0 * * sun")));
    BOOST_TEST((line("@monthly") == line("0 0 1 * *")));
    BOOST_TEST((line("@yearly") == line("0 0 1 jan *")));
    BOOST_TEST((line("@annually") == line("@yearly")));
}

BOOST_AUTO_TEST_CASE(day_of_month_or_day_of_week_as_in_vixie_cron) {
    const instant from = utc(2026, 1, 1); // a Thursday
    const step table[] = {
        // both restricted: either
        {"0 0 13 * fri", "UTC", from, "2026-01-02 00:00:00"},
        {"0 0 13 * fri", "UTC", utc(2026, 1, 9), "2026-01-13 00:00:00"},
        // one begins with a star: both
        {"0 0 13 * *", "UTC", from, "2026-01-13 00:00:00"},
        {"0 0 * * fri", "UTC", from, "2026-01-02 00:00:00"},
        {"0 0 */2 * fri", "UTC", from, "2026-01-09 00:00:00"},
        {"0 0 13 * */7", "UTC", from, "2026-09-13 00:00:00"},
        {"0 0 29 2 */7", "UTC", utc(2032, 3, 1), "2060-02-29 00:00:00"},
        // 30 February by its weekday
        {"0 0 30 2 mon", "UTC", from, "2026-02-02 00:00:00"},
    };
    for (const step& one : table)
        check(one);
}

BOOST_AUTO_TEST_CASE(a_skipped_time_runs_at_the_next_valid_instant) {
    const step table[] = {
        // Berlin 2026-03-29: 02:00 CET = 01:00 UTC is 03:00 CEST
        {"30 2 * * *", "Europe/Berlin", utc(2026, 3, 28, 12), "2026-03-29 01:00:00"},
        {"30 2 * * *", "Europe/Berlin", utc(2026, 3, 29, 1), "2026-03-30 00:30:00"},
        {"0 3 * * *", "Europe/Berlin", utc(2026, 3, 29), "2026-03-29 01:00:00"},
        // 02:00 and 03:00 are the same instant
        {"0 2,3 * * *", "Europe/Berlin", utc(2026, 3, 29), "2026-03-29 01:00:00"},
        {"0 2,3 * * *", "Europe/Berlin", utc(2026, 3, 29, 1), "2026-03-30 00:00:00"},
        {"0 * * * *", "Europe/Berlin", utc(2026, 3, 29, 0), "2026-03-29 01:00:00"},
        {"0 * * * *", "Europe/Berlin", utc(2026, 3, 29, 1), "2026-03-29 02:00:00"},
        // New York 2026-03-08: 02:00 EST = 07:00 UTC
        {"30 2 * * *", "America/New_York", utc(2026, 3, 8), "2026-03-08 07:00:00"},
        // Lord Howe 2026-10-04: 02:00 (+10:30) = 2026-10-03 15:30 UTC is 02:30 (+11)
        {"15 2 * * *", "Australia/Lord_Howe", utc(2026, 10, 3, 12), "2026-10-03 15:30:00"},
        {"30 2 * * *", "Australia/Lord_Howe", utc(2026, 10, 3, 12), "2026-10-03 15:30:00"},
        {"15 2 * * *", "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30), "2026-10-04 15:15:00"},
        // Samoa left out 2011-12-30
        {"0 12 30 12 *", "Pacific/Apia", utc(2011, 12, 1), "2011-12-30 10:00:00"},
    };
    for (const step& one : table)
        check(one);
}

BOOST_AUTO_TEST_CASE(a_repeated_time_runs_once) {
    const step table[] = {
        // Berlin 2026-10-25: 03:00 CEST = 01:00 UTC is 02:00 CET
        {"30 2 * * *", "Europe/Berlin", utc(2026, 10, 24, 12), "2026-10-25 00:30:00"},
        {"30 2 * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 30), "2026-10-26 01:30:00"},
        {"30 2 * * *", "Europe/Berlin", utc(2026, 10, 25, 1, 10), "2026-10-26 01:30:00"},
        {"*/10 2 * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 50), "2026-10-26 01:00:00"},
        {"0 3 * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 59), "2026-10-25 02:00:00"},
        // New York 2026-11-01: 02:00 EDT = 06:00 UTC is 01:00 EST
        {"30 1 * * *", "America/New_York", utc(2026, 11, 1, 0), "2026-11-01 05:30:00"},
        {"30 1 * * *", "America/New_York", utc(2026, 11, 1, 5, 30), "2026-11-02 06:30:00"},
        // Lord Howe 2026-04-05: 02:00 (+11) = 2026-04-04 15:00 UTC is 01:30 (+10:30)
        {"45 1 * * *", "Australia/Lord_Howe", utc(2026, 4, 4, 12), "2026-04-04 14:45:00"},
        {"45 1 * * *", "Australia/Lord_Howe", utc(2026, 4, 4, 14, 45), "2026-04-05 15:15:00"},
        {"0 2 * * *", "Australia/Lord_Howe", utc(2026, 4, 4, 12), "2026-04-04 15:30:00"},
    };
    for (const step& one : table)
        check(one);
}

BOOST_AUTO_TEST_CASE(what_runs_every_hour_goes_on_through_a_repeated_one) {
    const step table[] = {
        {"0 * * * *", "Europe/Berlin", utc(2026, 10, 25, 0), "2026-10-25 01:00:00"},
        {"0 * * * *", "Europe/Berlin", utc(2026, 10, 25, 1), "2026-10-25 02:00:00"},
        {"30 * * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 30), "2026-10-25 01:30:00"},
        {"* * * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 59), "2026-10-25 01:00:00"},
        {"* * * * * *", "Europe/Berlin", utc(2026, 10, 25, 0, 59, 59), "2026-10-25 01:00:00"},
        {"*/20 * * * *", "Australia/Lord_Howe", utc(2026, 4, 4, 14, 40), "2026-04-04 15:10:00"},
    };
    for (const step& one : table)
        check(one);
}

// Walks through every wall minute of a zone's year by itself and compares.
BOOST_AUTO_TEST_CASE(a_year_in_each_zone_has_every_fixed_time_once) {
    for (std::string_view name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
        const zone there = in(name);
        for (std::string_view text_ :
             {"0 2 * * *", "30 2 * * *", "30 1 * * *", "15,45 0-4 * * *"}) {
            const cron every = line(text_);
            int runs = 0;
            instant at = utc(2026, 1, 1, 12);
            for (; (at = every.next(at, there)) < utc(2027, 1, 1, 12); ++runs)
                ;
            // A gap folds several times into one instant, so only the single ones count 365.
            if (text_.front() != '1')
                BOOST_TEST(runs == 365, name << " " << text_ << " " << runs);
            else
                BOOST_TEST((runs > 3640 && runs <= 3650), name << " " << text_ << " " << runs);
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_lines_are_refused_at_their_field) {
    struct wrong {
        std::string_view line;
        std::size_t offset;
        std::string_view text;
    };

    const wrong table[] = {
        {"", 0, "a cron line has 5 or 6 fields, not 0"},
        {"* * * *", 0, "a cron line has 5 or 6 fields, not 4"},
        {"* * * * * * *", 12, "a cron line has 5 or 6 fields, not 7"},
        {"60 * * * *", 0, "minute 60 is outside 0-59"},
        {"* 24 * * *", 2, "hour 24 is outside 0-23"},
        {"* * 0 * *", 4, "day of month 0 is outside 1-31"},
        {"* * * 13 *", 6, "month 13 is outside 1-12"},
        {"* * * * 8", 8, "day of week 8 is outside 0-7"},
        {"* * * * * 60", 10, "second 60 is outside 0-59"},
        {"* * * jna *", 6, "'jna' is not a month"},
        {"1,2,x * * * *", 4, "'x' is not a minute"},
        {"1,,2 * * * *", 2, "empty entry in minute '1,,2'"},
        {"1, * * * *", 2, "empty entry in minute '1,'"},
        {"*/0 * * * *", 2, "step 0 of the minute is outside 1-60"},
        {"*/61 * * * *", 2, "step 61 of the minute is outside 1-60"},
        {"*/x * * * *", 2, "'x' is not a step of the minute"},
        {"*/ * * * *", 2, "'' is not a step of the minute"},
        {"0 22-2 * * *", 2, "hour range '22-2' runs backwards"},
        {"0 -2 * * *", 2, "'' is not a hour"},
        {"0 1-2-3 * * *", 4, "'2-3' is not a hour"},
        {"0 0 30 2 *", 4, "never fires: no month of '2' has a day '30'"},
        {"0 0 31 4,6,9,11 *", 4, "never fires: no month of '4,6,9,11' has a day '31'"},
        {"0 0 30 feb */2", 4, "never fires: no month of 'feb' has a day '30'"},
        {"@hourl", 0, "unknown cron word '@hourl'"},
        {"@daily 5", 7, "nothing may follow '@daily'"},
        {"99999999999999999999 * * * *", 0, "'99999999999999999999' is not a minute"},
        {"+1 * * * *", 0, "'+1' is not a minute"},
        {"**  * * * *", 0, "'**' is not a minute"},
    };
    for (const wrong& one : table) {
        std::vector<cron_error> errors;
        BOOST_TEST_CONTEXT(one.line) {
            BOOST_TEST(!cron::parse(one.line, errors));
            BOOST_REQUIRE(errors.size() == 1);
            BOOST_TEST(errors.front().offset == one.offset);
            BOOST_TEST(errors.front().text == one.text);
        }
    }
}

BOOST_AUTO_TEST_CASE(words_of_other_systems_have_a_hint) {
    const auto hint = [](const char* line) {
        std::vector<cron_error> errors;
        cron::parse(line, errors);
        return errors.empty() ? "" : errors.front().hint;
    };
    BOOST_TEST(hint("@reboot").find("[bean/NAME]") != std::string::npos);
    BOOST_TEST(hint("@Every 5m").find("every = 5m") != std::string::npos);
    BOOST_TEST(hint("H 3 * * *").find("jitter") != std::string::npos);
    BOOST_TEST(hint("0 0 ? * *").find("*") != std::string::npos);
    BOOST_TEST(hint("@hourl").find("@hourly") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_bad_field_is_reported) {
    std::vector<cron_error> errors;
    BOOST_TEST(!cron::parse("61 25 32 foo 9", errors));
    BOOST_TEST(errors.size() == 5);
}

BOOST_AUTO_TEST_CASE(hints_name_what_was_meant) {
    std::vector<cron_error> errors;
    cron::parse("0 0 * jna *", errors);
    cron::parse("@hourl", errors);
    cron::parse("0 22-2 * * *", errors);
    BOOST_REQUIRE(errors.size() == 3);
    BOOST_TEST(errors[0].hint.find("jan") != std::string::npos);
    BOOST_TEST(errors[1].hint.find("@hourly") != std::string::npos);
    BOOST_TEST(errors[2].hint == "write 22-23,0-2");
}

BOOST_AUTO_TEST_CASE(report_s_2_seconds_that_stand_first_are_doubted) {
    const auto doubt = cron_doubt("0 0 3 * * *");
    BOOST_REQUIRE(doubt);
    BOOST_TEST(doubt->offset == 10u);
    BOOST_TEST(doubt->text == "the sixth field is the second: '*' runs 60 times a minute");
    BOOST_TEST(doubt->hint == "if the second stands first in this line, write 0 3 * * * 0");
    for (std::string_view line :
         {"*/5 * * * * *", "0 3 * * mon *", "0 0 3 * * */1", "0 0 3 * * 0-59", " 0 0 3 * *\t* "})
        BOOST_TEST(cron_doubt(line).has_value(), line);
    for (std::string_view line : {"0 3 * * *", "* * * * * *", "0 3 * * * 0", "@daily", "", "x y z"})
        BOOST_TEST(!cron_doubt(line).has_value(), line);
}

BOOST_AUTO_TEST_CASE(report_s_5_a_step_that_is_too_long_has_a_twin_that_is_not) {
    const auto hint = [](std::string_view line) {
        std::vector<cron_error> errors;
        BOOST_TEST(!cron::parse(line, errors));
        return errors.empty() ? std::string{} : errors.front().hint;
    };
    BOOST_TEST(hint("0 0 */100,1-7 * mon") == "write */31,1-7: it means the same");
    BOOST_TEST(hint("0 0 1-7,*/32 * mon") == "write 1-7,*/31: it means the same");
    BOOST_TEST(hint("*/90 * * * *") == "write */60: it means the same");
    BOOST_TEST(hint("0 5-9/25 * * *") == "write 5-9/24: it means the same");
    BOOST_TEST(hint("*/0 * * * *") == "");
}

BOOST_AUTO_TEST_CASE(an_unknown_zone_is_nothing) {
    BOOST_TEST(!zone::find("Europe/Berln"));
    BOOST_TEST(!zone::find(""));
    BOOST_TEST(!zone::find("../../etc/passwd"));
    BOOST_TEST(zone::find("utc")->name() == "UTC");
    BOOST_TEST(zone::find("Europe/Berlin")->name() == "Europe/Berlin");
    BOOST_TEST(zone::known().size() > 300);
}

BOOST_AUTO_TEST_SUITE_END()
