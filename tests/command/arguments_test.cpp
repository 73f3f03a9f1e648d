#include <aio/command/arguments.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio;
using given_values = std::map<std::string, std::vector<std::string>>;

namespace {

config::schema declared() {
    config::schema all;
    all.option("times", 1, "how often").least(1).most(10);
    all.option("pause", std::chrono::seconds(2), "between them");
    all.option("loud", false, "shout");
    all.option("tags", base::list{}, "marks");
    all.option("how", base::choice{"soft", {"soft", "hard"}}, "manner");
    all.required<std::string>("whom", "the one greeted");
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(command_arguments)

BOOST_AUTO_TEST_CASE(what_was_given_stands_before_the_default) {
    std::vector<std::string> mistakes;
    const auto read = command::read_values(
        declared(),
        given_values{
            {"times", {"3"}}, {"tags", {"a", "b"}}, {"how", {"HARD"}}, {"whom", {"", "world"}}
        },
        mistakes
    );
    BOOST_TEST(mistakes.empty());
    BOOST_TEST(std::get<std::int64_t>(read.at("times")) == 3);
    BOOST_TEST((std::get<base::duration>(read.at("pause")) == std::chrono::seconds(2)));
    BOOST_TEST(!std::get<bool>(read.at("loud")));
    BOOST_TEST((std::get<base::list>(read.at("tags")) == base::list{"a", "b"}));
    BOOST_TEST(std::get<base::choice>(read.at("how")).value == "hard");
    BOOST_TEST(std::get<std::string>(read.at("whom")) == "world");
}

BOOST_AUTO_TEST_CASE(every_mistake_is_told) {
    std::vector<std::string> mistakes;
    command::read_values(
        declared(),
        given_values{{"times", {"11"}}, {"pause", {"soon"}}, {"loud", {"maybe"}}, {"how", {"x"}}},
        mistakes
    );
    BOOST_REQUIRE(mistakes.size() == 5u);
    BOOST_TEST(mistakes[0].starts_with("option '--times': '11' is out of range"));
    BOOST_TEST(mistakes[1].starts_with("option '--pause': 'soon' is not "));
    BOOST_TEST(mistakes[2].starts_with("option '--loud': 'maybe' is not "));
    BOOST_TEST(mistakes[3].starts_with("option '--how': 'x' is "));
    BOOST_TEST(mistakes[4] == "option '--whom' is required");
}

BOOST_AUTO_TEST_SUITE_END()
