#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace aio::tests;
namespace config = aio::config;
namespace base = aio::base;

namespace {

config::schema aio_options() {
    config::schema s;
    s.option("log_level", "INFO", "the level");
    return s;
}

} // namespace

BOOST_AUTO_TEST_SUITE(load)

BOOST_AUTO_TEST_CASE(case_10_modules_files_environment_and_command_line_in_this_order) {
    config::inputs in = inputs_of({"[aio]\nlog_level = file\na = file\n"});
    in.modules.emplace_back("m1", "[aio]\nlog_level = m1\na = m1\nb = m1\nc = m1\n");
    in.modules.emplace_back("m2", "[aio]\nb = m2\nc = m2\n");
    base::diagnostics to;
    const std::vector<std::string> variables{"PATH=/bin", "AIO_LOG_LEVEL=env"};
    in.environment = config::read_environment(variables, aio_options(), to);
    const std::vector<std::string> overrides{"aio:c=cli = x", "new/one:k=v"};
    in.command_line = config::read_overrides(overrides, to);
    BOOST_TEST(base::render(to) == "");
    const auto all = config::merge(in);
    BOOST_TEST(text_of(all, "aio", "a") == "file");
    BOOST_TEST(text_of(all, "aio", "b") == "m2");
    BOOST_TEST(text_of(all, "aio", "c") == "cli = x");
    BOOST_TEST(text_of(all, "aio", "log_level") == "env");
    BOOST_TEST(text_of(all, "new/one", "k") == "v");
    BOOST_TEST(base::render(all.find("aio", "log_level")->where) == "environment:1:1");
    BOOST_TEST(base::render(all.find("aio", "c")->text_where) == "command line:1:7");
    BOOST_TEST(base::render(all.find("new/one", "k")->where) == "command line:2:1");
}

BOOST_AUTO_TEST_CASE(an_unknown_variable_is_a_warning_with_the_nearest_name) {
    base::diagnostics to;
    const std::vector<std::string> variables{"AIO_LOG_LEVLE=x", "AIO_SEED=1", "AIO_SEEDS=2"};
    BOOST_TEST(config::read_environment(variables, aio_options(), to).empty());
    BOOST_TEST(
        base::render(to) == "environment:1:1: warning: AIO_LOG_LEVLE sets no option of [aio]\n"
                            "    AIO_LOG_LEVLE=x\n"
                            "    ^\n"
                            "  did you mean 'log_level'?\n"
    );
}

BOOST_AUTO_TEST_CASE(report_cfg_5_a_variable_that_is_set_but_empty_sets_nothing) {
    base::diagnostics to;
    const std::vector<std::string> variables{"AIO_LOG_LEVEL=", "AIO_UNHEARD="};
    BOOST_TEST(config::read_environment(variables, aio_options(), to).empty());
    BOOST_TEST(to.empty());
}

BOOST_AUTO_TEST_CASE(report_cfg_7_an_override_has_a_name_that_can_be_seen) {
    base::diagnostics to;
    const std::vector<std::string> overrides{"server/x:po\u200brt=1", "ser\u00adver/x:port=1"};
    BOOST_TEST(config::read_overrides(overrides, to).empty());
    BOOST_TEST(to.errors() == 2u);
    BOOST_TEST(
        base::render(to).find("server/x:po\\u200brt holds a character") != std::string::npos
    );
}

BOOST_AUTO_TEST_CASE(report_cfg_7_a_value_set_elsewhere_is_warned_of_like_one_in_a_file) {
    base::diagnostics to;
    const std::vector<std::string> variables{"AIO_LOG_LEVEL=a\nb\u200b"};
    const std::vector<std::string> overrides{
        "x:a=1", "x:b=\u200by", "x:c=\u0645\u06cc\u200c\u062e", "x:d=a\u00a0!"
    };
    BOOST_TEST(config::read_environment(variables, aio_options(), to).size() == 1u);
    BOOST_TEST(config::read_overrides(overrides, to).size() == 4u);
    const std::string hint = "  \\u200b is a zero width space, which cannot be seen: delete it, or "
                             "write a space instead\n";
    BOOST_TEST(
        base::render(to) == "environment:1:18: warning: the value of 'log_level' holds a character "
                            "that cannot be seen\n"
                            "    AIO_LOG_LEVEL=a b\\u200b\n"
                            "                     ^\n" +
                                hint +
                                "command line:2:5: warning: the value of 'b' holds a character "
                                "that cannot be seen\n"
                                "    x:b=\\u200by\n"
                                "        ^\n" +
                                hint
    );
}

BOOST_AUTO_TEST_CASE(an_override_needs_section_option_and_value) {
    for (const char* bad : {"", "a", "a=b", "a:=b", "a:\t =b", ":b=c", "a:b"}) {
        base::diagnostics to;
        const std::vector<std::string> one{bad};
        BOOST_TEST(config::read_overrides(one, to).empty());
        BOOST_TEST(to.failed(), bad);
    }
}

BOOST_AUTO_TEST_CASE(an_override_is_text_in_each_of_its_parts) {
    for (const char* bad : {"\xff:b=c", "a:\xff=c", "a:b=\xff"}) {
        base::diagnostics to;
        const std::vector<std::string> one{bad};
        BOOST_TEST(config::read_overrides(one, to).empty());
        BOOST_TEST(base::render(to).find("not UTF-8") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(mistakes_in_an_override_point_into_it) {
    config::inputs in = inputs_of({});
    base::diagnostics to;
    const std::vector<std::string> overrides{"a:b=1", "a:c=x ${nope}"};
    in.command_line = config::read_overrides(overrides, to);
    BOOST_TEST(said(in).find("command line:2:7: error: [a] c: ") == 0u, said(in));
}

BOOST_AUTO_TEST_CASE(keys_are_cut_at_the_last_colon) {
    BOOST_TEST(config::split_key("a:b:c")->first == "a:b");
    BOOST_TEST(config::split_key("a:b:c")->second == "c");
    BOOST_TEST(!config::split_key("a"));
    BOOST_TEST(!config::split_key("a:"));
    BOOST_TEST(!config::split_key("a: "));
    BOOST_TEST(!config::split_key(":a"));
}

BOOST_AUTO_TEST_CASE(old_colon_sections_of_our_kinds_get_slashes) {
    BOOST_TEST(config::slash_name("web:site:route").value() == "web/site/route");
    BOOST_TEST(!config::slash_name("mine:x"));
    BOOST_TEST(!config::slash_name("schedule:"));
    BOOST_TEST(!config::slash_name("schedule/x"));
}

BOOST_AUTO_TEST_CASE(case_18_default_comes_after_the_own_options) {
    const auto all = tree_of("[DEFAULT]\nk = v\n[aio]\na = 1\n");
    std::string order;
    for (const config::value& one : all.find("aio")->values())
        order += one.name + ' ';
    BOOST_TEST(order == "a k ");
}

BOOST_AUTO_TEST_SUITE_END()
