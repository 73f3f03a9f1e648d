#include <aio/async/loop.hpp>
#include <aio/signal/json.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace signal_ = aio::signal;

namespace {

struct fixture {
    aio::async::loop at;
    signal_::bus signals{at};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(json_, fixture)

BOOST_AUTO_TEST_CASE(a_registered_type_leaves_and_comes_back) {
    using reading = std::map<std::string, std::vector<int>>;
    signal_::json<reading>(signals, "reading");
    const auto text = signals.to_json(reading{{"a", {1, 2}}});
    BOOST_REQUIRE(text.has_value());
    BOOST_TEST(*text == R"({"a":[1,2]})");
    const auto back = signals.from_json("reading", *text);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((std::any_cast<reading>(*back) == reading{{"a", {1, 2}}}));
}

BOOST_AUTO_TEST_CASE(no_data_is_null_and_an_unknown_type_is_nothing) {
    BOOST_TEST(signals.to_json({}).value() == "null");
    BOOST_TEST(!signals.to_json(42).has_value());
    BOOST_TEST(!signals.from_json("unknown", "1").has_value());
}

BOOST_AUTO_TEST_CASE(text_that_is_none_throws) {
    signal_::json<int>(signals, "int");
    BOOST_CHECK_THROW(signals.from_json("int", "{"), std::exception);
    BOOST_CHECK_THROW(signals.from_json("int", "\"text\""), std::exception);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(table_)

BOOST_AUTO_TEST_CASE(type_names_are_those_of_the_language) {
    BOOST_TEST(signal_::type_name(typeid(int)) == "int");
    BOOST_TEST(signal_::type_name(typeid(std::string)) == "std::string");
    BOOST_TEST(signal_::type_name(typeid(void)) == "nothing");
}

BOOST_AUTO_TEST_SUITE_END()
