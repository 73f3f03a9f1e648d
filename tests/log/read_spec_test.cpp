#include <aio/config/load.hpp>
#include <aio/log/short_way.hpp>
#include <aio/log/spec.hpp>

#include <boost/test/unit_test.hpp>

#include <variant>

using namespace aio;
using log::level;

namespace {

constexpr const char* defaults = R"([aio]
log_level = INFO

[logger_root]
level = ${aio:log_level}
handlers = consoleHandler

[handler_consoleHandler]
class = StreamHandler
formatter = simpleFormatter
args = (sys.stdout,)

[formatter_simpleFormatter]
format = %(asctime)s %(levelname)s(%(name)s): %(message)s
)";

struct reading {
    base::diagnostics problems;
    log::spec spec;

    explicit reading(std::string text, std::string below = defaults) {
        config::inputs in;
        in.modules = {config::layer("aio.conf", std::move(below))};
        in.files = {config::layer("app.conf", std::move(text))};
        spec = log::read_spec(config::merge(in), problems);
        problems.sort();
    }

    std::string said() const { return base::render(problems); }

    const log::handler_spec& handler(std::string_view name = log::default_handler) {
        const auto* found = spec.find_handler(name);
        BOOST_REQUIRE(found);
        return *found;
    }

    template <typename Args>
    Args args(std::string_view name = log::default_handler) {
        const Args* found = std::get_if<Args>(&handler(name).args);
        BOOST_REQUIRE(found);
        return *found;
    }

    log::logger_spec logger(std::string_view name) {
        const auto* found = spec.find_logger(name);
        BOOST_REQUIRE(found);
        return *found;
    }
};

reading clean(std::string text) {
    reading made(std::move(text));
    BOOST_TEST_REQUIRE(made.problems.empty(), made.said());
    return made;
}

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(read_spec)

BOOST_AUTO_TEST_CASE(case_73_the_defaults) {
    reading got = clean("");
    BOOST_TEST((got.args<log::stream_args>().target == log::stream::out));
    BOOST_TEST(got.handler().formatter == "simpleFormatter");
    BOOST_TEST(got.spec.find_formatter("simpleFormatter")->format == log::default_format);
    BOOST_TEST((got.logger("").at == level::info));
    BOOST_TEST(
        got.logger("").handlers == names{"consoleHandler"}, boost::test_tools::per_element()
    );
    BOOST_TEST(!log::outlives_terminal(got.spec));
}

BOOST_AUTO_TEST_CASE(logging_works_without_a_single_section) {
    reading got("", "");
    BOOST_TEST(got.problems.empty());
    BOOST_TEST((got.args<log::stream_args>().target == log::stream::out));
    BOOST_TEST((got.logger("").at == level::info));
}

BOOST_AUTO_TEST_CASE(case_70_the_level_by_interpolation) {
    BOOST_TEST((clean("[aio]\nlog_level = error\n").logger("").at == level::error));
}

BOOST_AUTO_TEST_CASE(case_71_a_logger_needs_no_key_list) {
    reading got =
        clean("[logger_custom]\nlevel = ${aio:log_level}\nhandlers = consoleHandler\nqualname = "
              "my.custom\n"
              "[loggers]\nkeys = root\n[handlers]\nkeys = nobody\n[formatters]\nkeys =\n");
    BOOST_TEST((got.logger("my.custom").at == level::info));
    BOOST_TEST(got.logger("my.custom").propagate);
}

BOOST_AUTO_TEST_CASE(the_qualified_name_is_that_of_the_section_by_default) {
    BOOST_TEST(clean("[logger_http]\npropagate = 0\n").logger("http").propagate == false);
    BOOST_TEST(!clean("[logger_http]\nlevel = NOTSET\n").logger("http").at);
    BOOST_TEST((clean("[logger_http]\nlevel = 10\n").logger("http").at == level::debug));
}

BOOST_AUTO_TEST_CASE(case_72_a_file_handler) {
    reading got =
        clean("[handler_f]\nclass = logging.FileHandler\nargs = (\"x.log\",'a')\nlevel = WARN\n"
              "formatter = simpleFormatter\n[logger_root]\nhandlers = f\n");
    BOOST_TEST(got.args<log::file_args>("f").path == "x.log");
    BOOST_TEST(got.args<log::file_args>("f").append);
    BOOST_TEST((got.handler("f").at_least == level::warning));
    BOOST_TEST(got.logger("").handlers == names{"f"}, boost::test_tools::per_element());
    BOOST_TEST(log::outlives_terminal(got.spec));
    BOOST_TEST(!got.spec.used(got.handler()));
}

BOOST_AUTO_TEST_CASE(case_75_the_overlay_is_a_layer) {
    config::inputs in;
    in.modules = {config::layer("aio.conf", defaults)};
    in.files = {
        config::layer("app.conf", "[aio]\nlog_level = ERROR\n"),
        config::layer("logging.conf", "[logger_root]\nlevel=DEBUG\n")
    };
    base::diagnostics problems;
    log::spec spec = log::read_spec(config::merge(in), problems);
    BOOST_TEST(problems.empty());
    BOOST_TEST((spec.find_logger("")->at == level::debug));
}

BOOST_AUTO_TEST_CASE(a_log_level_of_the_command_line_or_environment_is_above_a_root_level_of_a_file
) {
    const auto root_level = [](const auto& layers) -> level {
        config::inputs in;
        in.modules = {config::layer("aio.conf", defaults)};
        in.files = {config::layer("app.conf", "[logger_root]\nlevel = WARNING\n")};
        base::diagnostics problems;
        layers(in, problems);
        log::spec made = log::read_spec(config::merge(in), problems);
        BOOST_TEST(base::render(problems) == "");
        return made.find_logger("")->at.value();
    };
    using config::inputs;
    const auto typed = [](std::vector<std::string> words) {
        return [words](inputs& in, base::diagnostics& problems) {
            in.command_line = config::read_overrides(words, problems);
        };
    };
    BOOST_TEST((root_level(typed({})) == level::warning));
    BOOST_TEST((root_level(typed({"aio:log_level=debug"})) == level::debug));
    BOOST_TEST(
        (root_level(typed({"aio:log_level=debug", "logger_root:level=ERROR"})) == level::error)
    );
    BOOST_TEST((root_level([](inputs& in, base::diagnostics& problems) {
                    const std::vector<std::string> variables{"AIO_LOG_LEVEL=error"};
                    config::schema known;
                    known.option("log_level", "INFO", "");
                    in.environment = config::read_environment(variables, known, problems);
                }) == level::error));
}

BOOST_AUTO_TEST_CASE(every_class_of_handler) {
    reading got = clean(R"([handler_r]
class = logging.handlers.RotatingFileHandler
args = ('x.log', 'a', 10 * 1024, 5)
[handler_t]
class = handlers.TimedRotatingFileHandler
args = ('y.log', 'midnight', 1, 7, None, False, True)
[handler_w]
class = TimedRotatingFileHandler
args = ('y.log', 'W6')
[handler_s]
class = SysLogHandler
args = ('/dev/log', handlers.SysLogHandler.LOG_DAEMON)
[handler_u]
class = SysLogHandler
args = (('localhost', handlers.SYSLOG_UDP_PORT), 'local3')
[handler_j]
class = JournaldHandler
[handler_n]
class = NullHandler
[handler_e]
class = StreamHandler
)");
    const auto rotating = got.args<log::rotating_args>("r");
    BOOST_TEST(rotating.max_bytes == 10240u);
    BOOST_TEST(rotating.backups == 5u);
    const auto timed = got.args<log::timed_args>("t");
    BOOST_TEST((timed.every == log::period::midnight));
    BOOST_TEST(timed.backups == 7u);
    BOOST_TEST(timed.utc);
    BOOST_TEST((got.args<log::timed_args>("w").every == log::period::weekday));
    BOOST_TEST(got.args<log::timed_args>("w").weekday == 6u);
    BOOST_TEST(got.args<log::syslog_args>("s").facility == 3);
    BOOST_TEST(got.args<log::syslog_args>("s").path == "/dev/log");
    BOOST_TEST(got.args<log::syslog_args>("u").host == "localhost");
    BOOST_TEST(got.args<log::syslog_args>("u").port == 514);
    BOOST_TEST(got.args<log::syslog_args>("u").facility == 19);
    BOOST_TEST(got.args<log::journald_args>("j").path == "/run/systemd/journal/socket");
    got.args<log::null_args>("n");
    BOOST_TEST((got.args<log::stream_args>("e").target == log::stream::err));
}

BOOST_AUTO_TEST_CASE(report_log_4_pythons_socket_types_of_syslog) {
    const auto said = [](const std::string& address, const std::string& type) {
        return reading(
                   "[handler_h]\nclass = SysLogHandler\nargs = (" + address + ", 'user', " + type +
                   ")\n[logger_root]\nhandlers = h\n"
        )
            .said();
    };
    BOOST_TEST(said("'/dev/log'", "socket.SOCK_STREAM") == "");
    BOOST_TEST(said("'/dev/log'", "socket.SOCK_DGRAM") == "");
    BOOST_TEST(said("('localhost', 514)", "None") == "");
    BOOST_TEST(
        said("('localhost', 514)", "socket.SOCK_STREAM").find("only datagrams") != std::string::npos
    );
    BOOST_TEST(said("'/dev/log'", "1").find("the socket type has to be") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_class_of_handler_has_a_short_name) {
    reading got = clean(R"([handler_e]
class = Stream
[handler_f]
class = File
args = ('x.log',)
[handler_r]
class = RotatingFile
args = ('x.log', 'a', 10, 5)
[handler_t]
class = TimedRotatingFile
args = ('y.log', 'midnight')
[handler_s]
class = SysLog
[handler_j]
class = Journald
[handler_n]
class = Null
)");
    got.args<log::stream_args>("e");
    BOOST_TEST(got.args<log::file_args>("f").path == "x.log");
    BOOST_TEST(got.args<log::rotating_args>("r").backups == 5u);
    BOOST_TEST((got.args<log::timed_args>("t").every == log::period::midnight));
    got.args<log::syslog_args>("s");
    got.args<log::journald_args>("j");
    got.args<log::null_args>("n");
}

BOOST_AUTO_TEST_CASE(a_class_that_is_none_is_told_the_nearest_of_its_spelling) {
    const auto hint = [](const std::string& name) {
        const std::string said = reading("[handler_x]\nclass = " + name + "\n").said();
        return said.substr(said.rfind("\n  ") + 3);
    };
    BOOST_TEST(hint("Fle") == "did you mean 'File'?\n");
    BOOST_TEST(hint("FileHandlr") == "did you mean 'FileHandler'?\n");
    BOOST_TEST(
        hint("logging.File") ==
        "there are Stream, File, RotatingFile, TimedRotatingFile, SysLog, Journald, Null\n"
    );
}

BOOST_AUTO_TEST_CASE(every_class_of_formatter) {
    reading got = clean(R"([formatter_a]
datefmt = %H:%M
[formatter_b]
class = json
[formatter_c]
class = color
color = always
format = %(message)s
[formatter_d]
class = logging.Formatter
format = %(levelname)-8s
[formatter_e]
class = aio.log.JsonFormatter
)");
    BOOST_TEST(got.spec.find_formatter("a")->format == "%(message)s");
    BOOST_TEST(got.spec.find_formatter("a")->datefmt == "%H:%M");
    BOOST_TEST((got.spec.find_formatter("b")->as == log::look::json));
    BOOST_TEST((got.spec.find_formatter("c")->color == log::coloring::always));
    BOOST_TEST((got.spec.find_formatter("d")->as == log::look::plain));
    BOOST_TEST((got.spec.find_formatter("e")->as == log::look::json));
}

BOOST_AUTO_TEST_CASE(a_format_that_is_empty_is_the_default_of_python) {
    reading got = clean("[formatter_a]\nformat =\n[formatter_b]\nclass = color\nformat =\n");
    BOOST_TEST(got.spec.find_formatter("a")->format == "%(message)s");
    BOOST_TEST(got.spec.find_formatter("b")->format == log::default_format);
}

BOOST_AUTO_TEST_CASE(a_format_without_a_field_is_refused) {
    BOOST_TEST(
        reading("[formatter_a]\nformat = no 100%% fields\n").said() ==
        "app.conf:2:10: error: [formatter_a] invalid format 'no 100%% fields' for '%' style: it "
        "has "
        "no field\n"
        "    format = no 100%% fields\n"
        "             ^\n"
        "  write %(message)s where the text of the record belongs\n"
    );
    for (const char* format : {"{asctime} {message}", "$$asctime $${message}"})
        BOOST_TEST(
            reading("[formatter_a]\nformat = " + std::string(format) + '\n')
                    .said()
                    .find("fields are written %(message)s here") != std::string::npos,
            format
        );
}

BOOST_AUTO_TEST_CASE(an_empty_log_level_is_a_mistake) {
    for (const std::string empty : {"", "  "})
        BOOST_TEST(
            reading("[aio]\nlog_level =" + empty + "\n")
                    .said()
                    .find("app.conf:2:12: error: [aio] log_level: unknown level ''") !=
                std::string::npos,
            reading("[aio]\nlog_level =" + empty + "\n").said()
        );
}

BOOST_AUTO_TEST_CASE(a_name_that_only_looks_like_a_known_one_is_a_mistake) {
    for (const std::string section :
         {"logger_ro\u043et",
          "logger_root ",
          "logger_Root",
          "handler_c\u043ensoleHandler",
          "handler_consoleHandler ",
          "formatter_simpleF\u043ermatter",
          "logger_x]\nqualname = r\u043eot\n[x"}) {
        const bool handler = section.starts_with("handler");
        const std::string said =
            reading("[" + section + "]\n" + (handler ? "class = StreamHandler\n" : "")).said();
        BOOST_TEST(said.find("did you mean ") != std::string::npos, section + ": " + said);
    }
    BOOST_TEST(reading("[logger_roots]\n[logger_my root]\n[formatter_simple]\n").said() == "");
}

BOOST_AUTO_TEST_CASE(every_mistake_is_said_with_its_place) {
    reading got(R"([aio]
log_level = INOF
[logger_root]
handlers = consoleHandler, consolHandler
levl = DEBUG
[logger_a]
qualname = x
level = LOUD
propagate = maybe
[logger_b]
qualname = x
[handler_f]
class = FileHandlr
[handler_g]
class = FileHandler
args = ('x.log'
[handler_h]
class = RotatingFileHandler
args = ('x.log', 'z',
    -1, 'many')
formatter = simple
[handler_i]
args = ()
[formatter_f]
format = %(asctme)s
    %(lineno)d
class = xml
colour = yes
)");
    BOOST_TEST(got.said() == R"(app.conf:2:13: error: [aio] log_level: unknown level 'INOF'
    log_level = INOF
                ^
  did you mean 'INFO'?
app.conf:4:28: error: [logger_root] there is no [handler_consolHandler]
    handlers = consoleHandler, consolHandler
                               ^
  did you mean 'consoleHandler'?
app.conf:5:1: error: unknown option 'levl' in [logger_root]
    levl = DEBUG
    ^
  did you mean 'level'?
app.conf:8:9: error: [logger_a] unknown level 'LOUD'
    level = LOUD
            ^
  there are TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL, OFF
app.conf:9:13: error: [logger_a] propagate: 'maybe' is not yes or no
    propagate = maybe
                ^
app.conf:10:1: error: [logger_b] [logger_a] configures the same logger
    [logger_b]
    ^
app.conf:13:9: error: [handler_f] unknown handler class 'FileHandlr'
    class = FileHandlr
            ^
  did you mean 'FileHandler'?
app.conf:16:16: error: [handler_g] args: ',' or ')' expected
    args = ('x.log'
                   ^
app.conf:19:18: error: [handler_h] args: the mode has to be 'a' (append) or 'w' (empty the file first)
    args = ('x.log', 'z',
                     ^
app.conf:20:5: error: [handler_h] args: maxBytes has to be a whole number of at least 0
        -1, 'many')
        ^
app.conf:20:9: error: [handler_h] args: backupCount has to be a whole number of at least 0
        -1, 'many')
            ^
app.conf:21:13: error: [handler_h] there is no [formatter_simple]
    formatter = simple
                ^
  did you mean 'simpleFormatter'?
app.conf:22:1: error: [handler_i] needs the option 'class'
    [handler_i]
    ^
  class: Stream, File, RotatingFile, TimedRotatingFile, SysLog, Journald, Null, or my.module.name
app.conf:25:10: error: [formatter_f] unknown field 'asctme' in a log format
    format = %(asctme)s
             ^
  did you mean 'asctime'?
app.conf:26:5: error: [formatter_f] unknown field 'lineno' in a log format
        %(lineno)d
        ^
  a record does not know where in the source it was logged
app.conf:27:9: error: [formatter_f] unknown formatter class 'xml'
    class = xml
            ^
  there are plain, color and json
app.conf:28:1: error: unknown option 'colour' in [formatter_f]
    colour = yes
    ^
  did you mean 'color'?
)");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(newer_spellings_of_python)

BOOST_AUTO_TEST_CASE(each_is_understood_or_answered_with_what_to_write) {
    BOOST_TEST(
        reading(R"([handler_consoleHandler]
kwargs = {'maxBytes': 1000}
[formatter_simpleFormatter]
style = {
validate = True
defaults = {'ip': None}
)")
            .said() == R"(app.conf:2:1: error: [handler_consoleHandler] kwargs: not in this version
    kwargs = {'maxBytes': 1000}
    ^
  write the values into args, in Python's order: args = ('x.log', 'a', 1000)
app.conf:4:9: error: [formatter_simpleFormatter] style: only % is supported, not '{'
    style = {
            ^
  write the fields of format as %(asctime)s and %(message)s, and delete style
app.conf:5:1: error: [formatter_simpleFormatter] validate: not in this version
    validate = True
    ^
  delete the line: every format is checked
app.conf:6:1: error: [formatter_simpleFormatter] defaults: not in this version
    defaults = {'ip': None}
    ^
  write these values as text into format
)"
    );
    BOOST_TEST(reading("[formatter_simpleFormatter]\nstyle = %\n").said() == "");
    BOOST_TEST(reading("[DEFAULT]\nstyle = dark\nkwargs = 1\nvalidate = 1\n").said() == "");
}

BOOST_AUTO_TEST_CASE(the_streams_of_the_start_are_the_streams) {
    for (const char* name : {"stdout", "stderr"}) {
        const std::string args = std::string("args = (sys.__") + name + "__,)\n";
        reading got = clean("[handler_consoleHandler]\n" + args);
        const auto expected = name == std::string("stdout") ? log::stream::out : log::stream::err;
        BOOST_TEST((got.args<log::stream_args>().target == expected));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(short_way)

BOOST_AUTO_TEST_CASE(plain_is_what_there_is_anyway) {
    reading got = clean("[aio]\nlog_format = plain\n");
    BOOST_TEST((got.args<log::stream_args>().target == log::stream::out));
    BOOST_TEST(got.handler().formatter == "simpleFormatter");
}

BOOST_AUTO_TEST_CASE(stream_is_standard_error) {
    BOOST_TEST(
        (clean("[aio]\nlog_format = stream\n").args<log::stream_args>().target == log::stream::err)
    );
}

BOOST_AUTO_TEST_CASE(color_and_json_change_the_formatter) {
    reading color =
        clean("[aio]\nlog_format = color\n[formatter_simpleFormatter]\nformat = %(levelname)s\n");
    const auto* as = color.spec.find_formatter(color.handler().formatter);
    BOOST_TEST_REQUIRE(as);
    BOOST_TEST(as->format == "%(levelname)s");
    BOOST_TEST((as->color == log::coloring::automatic));
    reading json = clean("[aio]\nlog_format = JSON\n");
    BOOST_TEST((json.spec.find_formatter(json.handler().formatter)->as == log::look::json));
    BOOST_TEST((json.args<log::stream_args>().target == log::stream::out));
}

BOOST_AUTO_TEST_CASE(a_log_file_that_no_logger_uses_is_idle) {
    reading got = clean("[aio]\nlog_file = x.log\n[handler_f]\nclass = NullHandler\n"
                        "[logger_root]\nhandlers = f\n");
    BOOST_REQUIRE(got.spec.idle_file);
    BOOST_TEST(got.spec.idle_file->line == 2u);
    log::warn_of_idle_file(got.spec, got.problems);
    BOOST_TEST(!got.problems.empty());
    BOOST_TEST(!got.problems.failed());
    BOOST_TEST(!clean("[aio]\nlog_file = x.log\n").spec.idle_file);
}

BOOST_AUTO_TEST_CASE(syslog_and_journald_need_no_time) {
    reading syslog = clean("[aio]\nlog_format = syslog\n");
    BOOST_TEST(syslog.args<log::syslog_args>().path == "/dev/log");
    BOOST_TEST(
        syslog.spec.find_formatter(syslog.handler().formatter)->format ==
        "%(levelname)s(%(name)s): %(message)s"
    );
    BOOST_TEST(log::outlives_terminal(syslog.spec));
    reading journald = clean("[aio]\nlog_format = journald\n");
    journald.args<log::journald_args>();
    BOOST_TEST(journald.handler().where.line == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_takes_the_place_of_the_stream) {
    reading got = clean("[aio]\nlog_file = /var/log/app.log\n");
    BOOST_TEST(got.args<log::file_args>().path == "/var/log/app.log");
    BOOST_TEST(got.handler().where.line == 2u);
    BOOST_TEST(got.handler().title() == "[aio] log_file");
    BOOST_TEST(clean("").handler().title() == "[handler_consoleHandler]");
    BOOST_TEST(got.handler().formatter == "simpleFormatter");
    BOOST_TEST(log::outlives_terminal(got.spec));
    reading json = clean("[aio]\nlog_file = x.log\nlog_format = json\n");
    BOOST_TEST(json.args<log::file_args>().path == "x.log");
    BOOST_TEST((json.spec.find_formatter(json.handler().formatter)->as == log::look::json));
    BOOST_TEST((clean("[aio]\nlog_file =\n").args<log::stream_args>().target == log::stream::out));
}

BOOST_AUTO_TEST_CASE(a_file_and_a_socket_contradict_each_other) {
    reading got("[aio]\nlog_file = x.log\nlog_format = syslog\n");
    BOOST_TEST(got.problems.errors() == 1u);
}

BOOST_AUTO_TEST_CASE(handlers_of_the_root_logger) {
    reading got =
        clean("[aio]\nlog_handlers =\n    f\n    consoleHandler\n[handler_f]\nclass = NullHandler\n"
        );
    BOOST_TEST(
        got.logger("").handlers == (names{"f", "consoleHandler"}), boost::test_tools::per_element()
    );
    reading wrong("[aio]\nlog_handlers =\n    consoleHandlr\n");
    BOOST_TEST(
        wrong.said() == "app.conf:3:5: error: [aio] log_handlers: there is no "
                        "[handler_consoleHandlr]\n        consoleHandlr\n        ^\n"
                        "  did you mean 'consoleHandler'?\n"
    );
}

BOOST_AUTO_TEST_CASE(what_has_no_effect_is_a_warning) {
    reading got("[aio]\nlog_file = x.log\n[logger_root]\nhandlers =\n");
    log::warn_of_idle_file(got.spec, got.problems);
    BOOST_TEST(!got.problems.failed());
    BOOST_TEST(got.problems.size() == 1u);
    const reading format("[aio]\nlog_format = json\n[logger_root]\nhandlers =\n");
    BOOST_TEST(!format.problems.failed());
    BOOST_TEST(format.problems.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
