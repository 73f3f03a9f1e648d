#include <aio/log/pattern.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::log;

namespace {

std::vector<pattern_error> errors_of(std::string_view format) {
    std::vector<pattern_error> errors;
    parse_pattern(format, errors);
    return errors;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pattern)

BOOST_AUTO_TEST_CASE(the_default_format_has_eight_pieces) {
    std::vector<pattern_error> errors;
    const auto pieces = parse_pattern("%(asctime)s %(levelname)s(%(name)s): %(message)s", errors);
    BOOST_TEST(errors.empty());
    BOOST_TEST_REQUIRE(pieces.size() == 7u);
    BOOST_TEST((pieces[0].kind == field::asctime));
    BOOST_TEST(pieces[1].text == " ");
    BOOST_TEST((pieces[2].kind == field::level_name));
    BOOST_TEST(pieces[3].text == "(");
    BOOST_TEST((pieces[6].kind == field::message));
}

BOOST_AUTO_TEST_CASE(flags_width_and_precision_are_taken_apart) {
    std::vector<pattern_error> errors;
    const auto pieces = parse_pattern("%(levelname)-8.3s%(thread)+08d%%", errors);
    BOOST_TEST(errors.empty());
    BOOST_TEST_REQUIRE(pieces.size() == 3u);
    BOOST_TEST(pieces[0].left);
    BOOST_TEST(pieces[0].width == 8u);
    BOOST_TEST(pieces[0].precision == 3);
    BOOST_TEST(pieces[1].zero);
    BOOST_TEST(pieces[1].plus);
    BOOST_TEST(pieces[1].width == 8u);
    BOOST_TEST(pieces[2].text == "%");
}

BOOST_AUTO_TEST_CASE(every_mistake_is_reported_at_its_place) {
    const auto errors = errors_of("%(nmae)s %d %(levelname)d %(message)z %(");
    BOOST_TEST_REQUIRE(errors.size() == 5u);
    BOOST_TEST(errors[0].offset == 0u);
    BOOST_TEST(errors[0].text == "unknown field 'nmae' in a log format");
    BOOST_TEST(errors[0].hint == "did you mean 'name'?");
    BOOST_TEST(errors[1].offset == 9u);
    BOOST_TEST(errors[1].text == "'%' has to be followed by '%' or '(field)'");
    BOOST_TEST(errors[2].text == "%(levelname) cannot be converted by 'd'");
    BOOST_TEST(errors[2].hint == "write %(levelname)s");
    BOOST_TEST(errors[3].text == "%(message) cannot be converted by 'z'");
    BOOST_TEST(errors[4].text == "'%(' without ')'");
}

BOOST_AUTO_TEST_CASE(fields_without_counterpart_say_why) {
    for (const char* name : {"pathname", "filename", "module", "lineno", "funcName"}) {
        const auto errors = errors_of("%(" + std::string(name) + ")s");
        BOOST_TEST_REQUIRE(errors.size() == 1u);
        BOOST_TEST(errors[0].hint == "a record does not know where in the source it was logged");
    }
    BOOST_TEST(errors_of("%(msg)s")[0].hint == "use %(message)s, the text with its arguments");
}

BOOST_AUTO_TEST_CASE(a_width_that_is_too_large_is_refused) {
    BOOST_TEST(errors_of("%(name)1000s").empty());
    BOOST_TEST(errors_of("%(name)1001s").size() == 1u);
    BOOST_TEST(errors_of("%(name)99999999999999999999s").size() == 1u);
    BOOST_TEST(errors_of("%(created).2000f").size() == 1u);
    BOOST_TEST(errors_of("%(name)").size() == 1u);
    BOOST_TEST(errors_of("100%").size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
