#include <aio/cli/command_line.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::cli;

namespace {

command_line parse(std::vector<std::string> arguments) {
    return parse_command_line(arguments);
}

std::string refusal(std::vector<std::string> arguments) {
    try {
        parse(std::move(arguments));
    } catch (const usage_error& e) {
        return e.what();
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(cli_command_line)

BOOST_AUTO_TEST_CASE(everything_after_the_command_stays_unparsed) {
    const auto line = parse({"-c", "a.conf", "-o", "x:y=1", "hello", "-c", "mine", "--help"});
    BOOST_TEST(line.command == "hello");
    BOOST_TEST(line.files == std::vector<std::string>{"a.conf"}, boost::test_tools::per_element());
    BOOST_TEST(
        line.overrides == std::vector<std::string>{"x:y=1"}, boost::test_tools::per_element()
    );
    BOOST_TEST(line.arguments.size() == 3u);
    BOOST_TEST(!line.help);
}

BOOST_AUTO_TEST_CASE(a_file_can_be_glued_to_its_option_and_repeated) {
    const auto line = parse({"-ca.conf", "--config=b.conf", "run"});
    const std::vector<std::string> expected{"a.conf", "b.conf"};
    BOOST_TEST(line.files == expected, boost::test_tools::per_element());
    BOOST_TEST(line.command == "run");
}

BOOST_AUTO_TEST_CASE(no_command_is_an_empty_one) {
    BOOST_TEST(parse({}).command.empty());
    BOOST_TEST(parse({"--version"}).version);
    BOOST_TEST(parse({"-h"}).help);
}

BOOST_AUTO_TEST_CASE(an_option_without_its_value_is_refused) {
    BOOST_TEST(refusal({"-c"}).find("config") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_misspelled_option_names_the_nearest) {
    BOOST_TEST(
        refusal({"--confg", "x", "run"}) ==
        "unrecognized option '--confg'; did you mean '--config'?"
    );
}

BOOST_AUTO_TEST_CASE(an_override_that_sets_nothing_is_refused) {
    for (const char* bad : {"", "x", "x=1", "x:=1", "x: =1", ":y=1", "x:y"})
        BOOST_TEST(
            refusal({"-o", bad}) == std::string("-o ") + bad + ": expected SECTION:OPTION=VALUE"
        );
}

BOOST_AUTO_TEST_CASE(words_that_are_no_options_have_no_option_of_their_own) {
    po::options_description known = shared_options();
    std::vector<std::string> words;
    const std::vector<std::string> given{"one", "-cx", "--", "--two", ""};
    BOOST_TEST(parse_options(given, known, &words).count("config") == 1u);
    const std::vector<std::string> expected{"one", "--two", ""};
    BOOST_TEST(words == expected, boost::test_tools::per_element());
    for (const char* name : {"--word", "--=word", "--bean"}) {
        const std::vector<std::string> one{name};
        try {
            parse_options(one, known, &words);
            BOOST_ERROR(name);
        } catch (const usage_error& e) {
            BOOST_TEST(std::string_view(e.what()).find("did you mean") == std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(help_that_is_asked_for_comes_before_any_mistake) {
    const auto line = [](std::vector<std::string> words) { return parse_command_line(words); };
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"-o", "x", "-h"}, {"-h", "-o", "x"}, {"-x", "-h"}, {"-h", "--confg"}, {"-h", "-c"}
         })
        BOOST_TEST(line(words).help);
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"-o", "x", "run", "-h"}, {"-x", "run", "--help"}}) {
        BOOST_TEST(line(words).command == "run");
        BOOST_TEST(!line(words).help);
    }
    // The command prints its help and does nothing else: what its options refer to is not known.
    const command_line wrong = line({"-c", "a.conf", "-o", "x", "config", "set", "a:b", "1", "-h"});
    BOOST_TEST(wrong.command == "config");
    const std::vector<std::string> help{"--help"};
    BOOST_TEST(wrong.arguments == help, boost::test_tools::per_element());
    // A value asks for nothing.
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"config", "set", "a:b", "-h"},
             {"config", "-s", "a:b", "--help"},
             {"config", "-f", "-h"}
         }) {
        std::vector<std::string> all{"-c", "a.conf", "-o", "x"};
        all.insert(all.end(), words.begin(), words.end());
        BOOST_TEST(refusal(all) == "-o x: expected SECTION:OPTION=VALUE");
    }
    // What follows the name of a user's command, or "--", is not for aio.
    BOOST_TEST(refusal({"-o", "x", "mine", "-h"}) == "-o x: expected SECTION:OPTION=VALUE");
    BOOST_TEST(refusal({"-o", "x", "run", "--", "-h"}) == "-o x: expected SECTION:OPTION=VALUE");
}

BOOST_AUTO_TEST_CASE(case_35_a_wrong_command_names_all_and_the_nearest) {
    const std::vector<std::string> choices{"run", "config", "test"};
    BOOST_TEST(
        invalid_choice("rum", choices) ==
        "invalid choice: 'rum' (choose from 'run', 'config', 'test'); did you mean 'run'?"
    );
    BOOST_TEST(
        invalid_choice("BAD", choices) ==
        "invalid choice: 'BAD' (choose from 'run', 'config', 'test')"
    );
}

BOOST_AUTO_TEST_SUITE_END()
