#include <aio/log/format.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <regex>

using namespace aio::log;
using namespace std::chrono_literals;

namespace {

struct utc_zone {
    utc_zone() {
        setenv("TZ", "UTC", 1);
        tzset();
    }
};

const auto moment = std::chrono::system_clock::from_time_t(1795253812) + 489ms;

std::string line(
    formatter_spec of, record one = {level::info, "aio", "hello w", moment}, bool terminal = false
) {
    std::string text;
    make_format(of, terminal ? format_target::terminal : format_target::other)->write(one, text);
    return text;
}

std::string plain(std::string_view format, record one = {level::info, "aio", "hello w", moment}) {
    return line(formatter_spec("f", format), one);
}

formatter_spec json(std::string datefmt = {}) {
    formatter_spec of("f");
    of.as = look::json;
    of.datefmt = std::move(datefmt);
    return of;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(format_, utc_zone)

BOOST_AUTO_TEST_CASE(case_73_the_default_line) {
    BOOST_TEST(line(formatter_spec("f")) == "2026-11-21 09:36:52,489 INFO(aio): hello w");
}

BOOST_AUTO_TEST_CASE(widths_are_pythons) {
    // Expected texts are those of Python 3.11's logging.Formatter.
    BOOST_TEST(plain("%(levelname)-8s|") == "INFO    |");
    BOOST_TEST(plain("%(levelname)8s|") == "    INFO|");
    BOOST_TEST(plain("%(levelname).2s|") == "IN|");
    BOOST_TEST(plain("%(levelname)-5.2s|") == "IN   |");
    BOOST_TEST(plain("%(levelno)d") == "20");
    BOOST_TEST(plain("%(levelno)05d") == "00020");
    BOOST_TEST(plain("%(levelno)+5d|") == "  +20|");
    BOOST_TEST(plain("%(levelno)-5d|") == "20   |");
    BOOST_TEST(plain("%(levelno)#x") == "0x14");
    BOOST_TEST(plain("%(levelno)#06x") == "0x0014");
    BOOST_TEST(plain("%(levelno)o") == "24");
    BOOST_TEST(plain("%(levelno).4d") == "0020");
    BOOST_TEST(plain("%(levelno)f") == "20.000000");
    BOOST_TEST(plain("%(msecs)03d") == "489");
    BOOST_TEST(plain("%(msecs)05.1f") == "489.0");
    BOOST_TEST(plain("%(created)d") == "1795253812");
    BOOST_TEST(plain("%(created).3f") == "1795253812.489");
    BOOST_TEST(plain("100%%") == "100%");
}

BOOST_AUTO_TEST_CASE(widths_count_code_points) {
    BOOST_TEST(plain("%(name)5s|", {level::info, "h\u00e9l", "", moment}) == "  h\u00e9l|");
    BOOST_TEST(plain("%(name).2s|", {level::info, "h\u00e9l", "", moment}) == "h\u00e9|");
}

BOOST_AUTO_TEST_CASE(a_date_format_takes_the_place_of_milliseconds) {
    formatter_spec of("f", "%(asctime)s");
    of.datefmt = "%H:%M";
    BOOST_TEST(line(of) == "09:36");
    of.datefmt = "%s";
    BOOST_TEST(line(of) == "1795253812");
}

BOOST_AUTO_TEST_CASE(the_cached_second_changes) {
    const auto format = make_format(formatter_spec("f", "%(asctime)s "), format_target::other);
    std::string text;
    for (const auto later : {0ms, 600ms, -490ms})
        format->write({level::info, "aio", "", moment + later}, text);
    BOOST_TEST(text == "2026-11-21 09:36:52,489 2026-11-21 09:36:53,089 2026-11-21 09:36:51,999 ");
}

BOOST_AUTO_TEST_CASE(a_message_forges_no_record_and_commands_no_terminal) {
    const auto shown = [](std::string_view message) {
        return plain("%(levelname)s %(message)s", {level::info, "aio", message, moment});
    };
    BOOST_TEST(shown("a\nINFO forged\r\nc\td\n\n") == "INFO a\n    | INFO forged\n    | c\td");
    BOOST_TEST(shown("a\x01\x1b[2J\rb\x7f") == "INFO a\\x01\\x1b[2J\\x0db\\x7f");
    BOOST_TEST(shown("\u0085\u2028\u202e\ufeff") == "INFO \\xc2\\x85\\u2028\\u202e\\ufeff");
    BOOST_TEST(shown("caf\u00e9 \xff") == "INFO caf\u00e9 \\xff");
    BOOST_TEST(plain("%(name)s", {level::info, "a\nb", "", moment}) == "a\n    | b");
    BOOST_TEST(plain("%(message).3s", {level::info, "a", "a\nbcd", moment}) == "a\n ");
}

BOOST_AUTO_TEST_CASE(process_and_thread_are_those_that_log) {
    BOOST_TEST(plain("%(process)d") == std::to_string(getpid()));
    BOOST_TEST(plain("%(thread)d") == std::to_string(gettid()));
    BOOST_TEST(plain("%(processName)s") == program_invocation_short_name);
}

BOOST_AUTO_TEST_CASE(levels_are_coloured_on_a_terminal_only) {
    formatter_spec of("f", "%(levelname)s %(message)s");
    of.color = coloring::automatic;
    const record one{level::error, "aio", "no", moment};
    unsetenv("NO_COLOR");
    BOOST_TEST(line(of, one, false) == "ERROR no");
    BOOST_TEST(line(of, one, true) == "\033[31mERROR\033[0m no");
    setenv("NO_COLOR", "1", 1);
    BOOST_TEST(line(of, one, true) == "ERROR no");
    unsetenv("NO_COLOR");
    of.color = coloring::always;
    BOOST_TEST(line(of, one, false) == "\033[31mERROR\033[0m no");
}

BOOST_AUTO_TEST_CASE(case_148_json_is_one_object_a_line) {
    const std::string thread = std::to_string(gettid());
    const std::string text = line(json(), {level::warning, "root", "hello w", moment});
    BOOST_TEST(
        text.find(
            R"({"@timestamp":"2026-11-21T09:36:52.489Z","level":"warn","logger":"root","msg":"hello w")"
            R"(,"@fields":{"identifier":"root","process":)" +
            std::to_string(getpid()) + R"(,"thread":)" + thread
        ) == 0u
    );
    BOOST_TEST(text.ends_with("}}"));
    BOOST_TEST(json_level(level::critical) == "fatal");
    BOOST_TEST(json_level(level::info) == "info");
}

BOOST_AUTO_TEST_CASE(case_148_a_date_format_of_seconds_is_a_number) {
    BOOST_TEST(line(json("%s")).starts_with(R"({"@timestamp":1795253812,)"));
    BOOST_TEST(line(json("%H:%M")).starts_with(R"({"@timestamp":"09:36",)"));
}

BOOST_AUTO_TEST_CASE(a_json_object_stays_one_line) {
    const std::string text = line(json(), {level::info, "a\nb", "c\"\n\u202e\xff", moment});
    BOOST_TEST(
        text.find(R"("logger":"a\nb","msg":"c\"\n\u202e)"
                  "\ufffd\"") != std::string::npos
    );
    BOOST_TEST(text.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
