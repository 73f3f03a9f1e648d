#include <aio/log/literal.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::log;

namespace {

literal::tuple good(std::string_view text) {
    literal_error error;
    auto found = parse_arguments(text, error);
    BOOST_TEST_REQUIRE(found.has_value(), text << ": " << error.text);
    return std::move(*found);
}

literal_error bad(std::string_view text) {
    literal_error error;
    BOOST_TEST(!parse_arguments(text, error).has_value(), text);
    return error;
}

std::string text(const literal& read) {
    return std::get<std::string>(read.value);
}

std::int64_t number(const literal& read) {
    return std::get<std::int64_t>(read.value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(literal_)

BOOST_AUTO_TEST_CASE(what_configurations_hold) {
    BOOST_TEST(good("()").empty());
    BOOST_TEST(good(" [ ] ").empty());
    const auto stream = good("(sys.stdout,)");
    BOOST_TEST(std::get<literal::dotted>(stream.at(0).value).name == "sys.stdout");
    const auto file = good("(\"x.log\",'a')");
    BOOST_TEST(text(file.at(0)) == "x.log");
    BOOST_TEST(text(file.at(1)) == "a");
    BOOST_TEST(file.at(1).offset == 9u);
    const auto rotating = good("('x.log', 'a', 10 * 1024*1024,\n 5, None, True, 1.5e-1)");
    BOOST_TEST(number(rotating.at(2)) == 10'485'760);
    BOOST_TEST(std::holds_alternative<literal::none>(rotating.at(4).value));
    BOOST_TEST(std::get<bool>(rotating.at(5).value));
    BOOST_TEST(std::get<double>(rotating.at(6).value) == 0.15);
    const auto syslog = good("(('localhost', handlers.SYSLOG_UDP_PORT), 0x10, -1, 1_000)");
    BOOST_TEST(text(std::get<literal::tuple>(syslog.at(0).value).at(0)) == "localhost");
    BOOST_TEST(number(syslog.at(1)) == 16);
    BOOST_TEST(number(syslog.at(2)) == -1);
    BOOST_TEST(number(syslog.at(3)) == 1000);
}

BOOST_AUTO_TEST_CASE(texts_have_the_escapes_of_python) {
    BOOST_TEST(text(good(R"(('a\'b\\c\n\x41',))").at(0)) == "a'b\\c\nA");
    BOOST_TEST(text(good(R"((r'a\d',))").at(0)) == "a\\d");
    BOOST_TEST(text(good("('h\u00e9',)").at(0)) == "h\u00e9");
    BOOST_TEST(text(good("(('x.log'),)").at(0)) == "x.log");
}

BOOST_AUTO_TEST_CASE(mistakes_have_a_place) {
    BOOST_TEST(bad("").text == "args has to be a tuple such as ('x.log', 'a')");
    BOOST_TEST(bad("'x.log'").offset == 0u);
    BOOST_TEST(bad("('x.log')").text == "a tuple of one needs a comma: ('x.log',)");
    BOOST_TEST(bad("('x.log',").text == "')' expected");
    BOOST_TEST(bad("('x.log").offset == 1u);
    BOOST_TEST(bad("('x.log").text == "the text does not end");
    BOOST_TEST(bad("('a' 'b')").text == "',' or ')' expected");
    BOOST_TEST(bad("('a',) x").offset == 7u);
    BOOST_TEST(bad("(1z,)").text == "not a number");
    BOOST_TEST(bad("(99999999999999999999,)").text == "number too large");
    BOOST_TEST(bad("(1e999,)").text == "number too large");
    BOOST_TEST(bad("(0x1ffffffffffffffff,)").text == "number too large");
    BOOST_TEST(bad("(99999999999999999999z,)").text == "not a number");
    BOOST_TEST(bad("(9223372036854775807 * 2,)").text == "number too large");
    BOOST_TEST(bad("('a' * 2,)").text == "only whole numbers can be multiplied");
    BOOST_TEST(bad("(open('x'),)").text == "',' or ')' expected");
    BOOST_TEST(bad("(,)").text == "a text, a number or a name expected");
    BOOST_TEST(bad("((((((((((1))))))))))").text == "tuples nested too deeply");
    BOOST_TEST(bad(R"(('\q',))").text == "unknown escape; write \\\\ for a backslash");
    BOOST_TEST(bad(R"(('\x8',))").text == "\\x needs two hexadecimal digits of an ASCII character");
}

BOOST_AUTO_TEST_SUITE_END()
