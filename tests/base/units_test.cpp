#include <aio/base/units.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::base;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(durations_are_read) {
    const std::pair<const char*, duration> rows[] = {
        {"2", 2s},
        {"2.5", 2500ms},
        {" 2s ", 2s},
        {"500ms", 500ms},
        {"100us", 100us},
        {"1m30s", 90s},
        {"1m 30s", 90s},
        {"2h", 2h},
        {"1d", 24h},
        {"1.5h", 90min},
        {"0", 0s},
        {".5", 500ms},
        {"1d2h3m4s5ms6us7ns", 24h + 2h + 3min + 4s + 5ms + 6us + 7ns},
        {"\n7", 7s},
        {"0.1", 100ms},
        {"0.3", 300ms},
        {"3 s", 3s},
        {"1.000000001", 1s + 1ns},
    };
    for (const auto& [text, value] : rows) {
        const std::optional<duration> read = parse_duration(text);
        BOOST_TEST_CONTEXT(text) {
            BOOST_REQUIRE(read.has_value());
            BOOST_TEST(read->count() == value.count());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
    for (const char* text : {"",      " ",    "x",        "-1",           "1x",          "s",
                             "1s1s",  "1s1m", "1m30",     "1 2",          "1..5",        "1.",
                             "1e3",   "inf",  "300y",     "99999999999d", "1us1\u00b5s", "+1",
                             "1s,2s", "0x10", "1\u00a0s", "1s\u20032ms"})
        BOOST_TEST(!parse_duration(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(durations_are_written_so_that_they_read_back) {
    const std::pair<duration, const char*> rows[] = {
        {90s, "1m30s"},
        {500ms, "500ms"},
        {2s, "2s"},
        {0s, "0s"},
        {1500ms, "1.5s"},
        {24h, "1d"},
        {25h, "1d1h"},
        {1ns, "1ns"},
        {1500us, "1.5ms"},
        {90s + 1ns, "1m30.000000001s"},
        {60s, "1m"},
        {1001ms, "1.001s"},
    };
    for (const auto& [value, text] : rows)
        BOOST_TEST(format(value) == text);
    for (std::int64_t n = 1; n > 0 && n < (std::int64_t{1} << 61); n = n * 3 + 7)
        BOOST_TEST((parse_duration(format(duration{n})) == duration{n}), format(duration{n}));
}

BOOST_AUTO_TEST_CASE(sizes_are_read_and_written) {
    const std::pair<const char*, std::uint64_t> rows[] = {
        {"512", 512},
        {"64k", 65536},
        {"1M", 1 << 20},
        {"2G", std::uint64_t{2} << 30},
        {"1kB", 1024},
        {"1 KiB", 1024},
        {"3b", 3},
        {"0", 0},
    };
    for (const auto& [text, bytes] : rows)
        BOOST_TEST((parse_size(text) == size{bytes}), text);
    for (const char* text :
         {"", "k", "-1", "1.5M", "1x", "1kk", "99999999999999999999", "18446744073709551615k", "1ib"
         })
        BOOST_TEST(!parse_size(text).has_value(), text);
    BOOST_TEST(format(size{65536}) == "64k");
    BOOST_TEST(format(size{1000}) == "1000");
    BOOST_TEST(format(size{0}) == "0");
}

BOOST_AUTO_TEST_CASE(case_190_rate_strings) {
    const std::pair<const char*, double> table[] = {
        {"10/s", 10}, {"10/m", 0.1667}, {"100/h", 0.02778}, {"1333/d", 0.01543}, {"1.234", 1.234}
    };
    for (const auto& [text, per_second] : table)
        BOOST_TEST(parse_rate(text)->per_second == per_second, boost::test_tools::tolerance(0.001));
}

BOOST_AUTO_TEST_CASE(rates_are_read_and_written) {
    BOOST_TEST(parse_rate("10/s")->per_second == 10);
    BOOST_TEST(parse_rate("120 / m")->per_second == 2);
    BOOST_TEST(parse_rate("1.5")->per_second == 1.5);
    for (const char* text : {"", "/s", "10/", "10/x", "-1/s", "1/s/s", "x"})
        BOOST_TEST(!parse_rate(text).has_value(), text);
    for (const char* text : {"10/s", "100/m", "100/h", "1333/d"})
        BOOST_TEST(format(*parse_rate(text)) == text);
    BOOST_TEST(format(rate{1.5}) == "90/m");
}

BOOST_AUTO_TEST_CASE(booleans_are_eight_words) {
    for (const char* text : {"1", "yes", "True", "ON", " on ", "\nyes"})
        BOOST_TEST((parse_boolean(text) == true), text);
    for (const char* text : {"0", "No", "false", "oFF"})
        BOOST_TEST((parse_boolean(text) == false), text);
    for (const char* text : {"", "2", "y", "t", "enabled"})
        BOOST_TEST(!parse_boolean(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(integers_and_reals_are_exact) {
    BOOST_TEST(parse_integer(" -1_000 ").value() == -1000);
    BOOST_TEST(parse_integer("+007").value() == 7);
    BOOST_TEST(parse_integer("9223372036854775807").value() == INT64_MAX);
    BOOST_TEST(parse_integer("-9223372036854775808").value() == INT64_MIN);
    for (const char* text :
         {"", "+", "-", "1__0", "_1", "1_", "0x10", "1.0", "9223372036854775808", "- 1", "+-1"})
        BOOST_TEST(!parse_integer(text).has_value(), text);
    BOOST_TEST(parse_real("-1.5e3").value() == -1500);
    BOOST_TEST(parse_real(".5").value() == 0.5);
    BOOST_TEST(parse_real("5.").value() == 5);
    for (const char* text : {"", ".", "inf", "nan", "0x1", "1e", "1e+", "--1", "1e999", "+-1"})
        BOOST_TEST(!parse_real(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(lists_are_lines) {
    BOOST_TEST(parse_list("\n a \n\nb\n") == (list{"a", "b"}));
    BOOST_TEST(parse_list("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
