#include <aio/cli/config_line.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::cli;

namespace {

std::string refusal(const std::vector<std::string>& words) {
    try {
        parse_config_line({}, words);
    } catch (const usage_error& e) {
        return e.what();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_config_line)

BOOST_AUTO_TEST_CASE(what_follows_a_key_is_its_value) {
    const std::vector<std::string> words{"--dry-run", "-s", "a:b:c", "-5", "-fx.conf"};
    const config_line line = parse_config_line({}, words);
    BOOST_TEST((line.action == config_action::set));
    BOOST_TEST(line.key == "a:b:c");
    BOOST_TEST(line.value == "-5");
    BOOST_TEST(line.dry_run);
    BOOST_TEST(line.files == std::vector<std::string>{"x.conf"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_override_that_sets_nothing_is_wrong_usage_after_the_command_too) {
    BOOST_TEST(refusal({"-o", "x"}) == "-o x: expected SECTION:OPTION=VALUE");
    BOOST_TEST(refusal({"get", "a", "--override=x: =1"}).starts_with("-o x: =1: expected"));
}

BOOST_AUTO_TEST_CASE(flags_take_no_value) {
    BOOST_TEST(refusal({"-hx"}) == "unrecognized option '-hx'");
    BOOST_TEST(refusal({"--help=x"}).starts_with("unrecognized option '--help=x'"));
    BOOST_TEST(refusal({"--json=x"}).starts_with("unrecognized option '--json=x'"));
}

BOOST_AUTO_TEST_CASE(help_that_is_asked_for_comes_before_any_mistake) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"bad", "-h"}, {"-x", "-h"}, {"-h", "-x"}, {"get", "-h"}, {"-o", "x", "get", "-h"}
         })
        BOOST_TEST((parse_config_line({}, words).action == config_action::help));
    // A value is a value.
    BOOST_TEST((parse_config_line({}, std::vector<std::string>{"set", "a:b", "-h"}).value == "-h"));
    BOOST_TEST(refusal({"set", "a", "-h"}).starts_with("Please specify"));
}

BOOST_AUTO_TEST_CASE(a_key_to_set_has_a_section_and_an_option) {
    for (const char* bad : {"a", "a:", ":b", "a: "})
        BOOST_TEST(
            refusal({"-s", bad, "v"}) == "Please specify a \"section:key\" to set the value for"
        );
}

BOOST_AUTO_TEST_SUITE_END()
