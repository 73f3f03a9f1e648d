#include "support.hpp"

#include <aio/config/render.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::tests;
namespace config = aio::config;

namespace {

config::render_options with(void (*change)(config::render_options&)) {
    config::render_options out;
    change(out);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(render)

BOOST_AUTO_TEST_CASE(case_20_a_dump_begins_with_default_and_parts_sections_by_empty_lines) {
    BOOST_TEST(
        config::render_dump(tree_of("[aio]\na = ${b}\nb = 1\n  2\nempty =\n")) ==
        "[DEFAULT]\n\n[aio]\na = 1\n\t2\nb = 1\n\t2\nempty = \n\n"
    );
}

BOOST_AUTO_TEST_CASE(case_18_own_options_come_before_inherited_ones) {
    const auto all = tree_of("[DEFAULT]\nk = v\n[x]\na = 1\nbad = ${nope}\n");
    BOOST_TEST(config::render_section(*all.find("x")) == "a = 1\nk = v\n");
}

BOOST_AUTO_TEST_CASE(case_30_raw_values_are_as_written) {
    const auto how = with([](auto& h) { h.values = config::values_as::raw; });
    BOOST_TEST(
        config::render_section(*tree_of("[x]\na = ${nope}\nb = $$\n").find("x"), how) ==
        "a = ${nope}\nb = $$\n"
    );
}

BOOST_AUTO_TEST_CASE(origins_name_places_and_what_was_overridden) {
    const auto all = config::merge(inputs_of({"[x]\na = 1\n", "[x]\n\na = 2\n   3\n"}));
    const auto how = with([](auto& h) { h.origin = true; });
    BOOST_TEST(
        config::render_section(*all.find("x"), how) ==
        "a = 2\n\t3  # two.conf:3\n# over one.conf:2: 1\n"
    );
    BOOST_TEST(
        config::render_json(*all.find("x"), how) ==
        "{\n  \"a\": {\n    \"value\": \"2\\n3\",\n    \"origin\": \"two.conf:3\",\n"
        "    \"overrides\": [{\"origin\": \"one.conf:2\", \"value\": \"1\"}]\n  }\n}"
    );
}

BOOST_AUTO_TEST_CASE(secrets_print_as_stars_unless_shown) {
    const auto all = config::merge(
        inputs_of({"[db]\npw = old\n", "[db]\npw = ${file:secret.txt}\nurl = <${pw}>\nplain = 1\n"})
    );
    const auto origin = with([](auto& h) { h.origin = true; });
    const auto shown = with([](auto& h) { h.show_secrets = true; });
    const std::string everything =
        config::render_dump(all) + config::render_json(all) + config::render_dump(all, origin) +
        config::render_json(all, origin) + config::render_diff(config::tree{}, all);
    BOOST_TEST(everything.find("hunter2") == std::string::npos);
    BOOST_TEST(everything.find("old") == std::string::npos);
    BOOST_TEST(
        config::render_section(*all.find("db")) == "pw = ********\nurl = ********\nplain = 1\n"
    );
    BOOST_TEST(
        config::render_section(*all.find("db"), shown) ==
        "pw = hunter2\nurl = <hunter2>\nplain = 1\n"
    );
}

BOOST_AUTO_TEST_CASE(json_holds_sections_and_options) {
    BOOST_TEST(
        config::render_json(tree_of("[x]\na = 1\n  \"2\"\nbad = ${nope}\n[e]\n")) ==
        "{\n  \"DEFAULT\": {},\n  \"x\": {\n    \"a\": \"1\\n\\\"2\\\"\",\n    \"bad\": null\n  "
        "},\n"
        "  \"e\": {}\n}"
    );
}

BOOST_AUTO_TEST_CASE(a_difference_shows_both_sides) {
    const auto standard = tree_of("[aio]\na = 1\nb = 2\nc = 3\n[DEFAULT]\nd = 0\n");
    const auto now = tree_of("[aio]\na = 1\nb = 9\n  8\nc = 3\n[DEFAULT]\nd = 0\n[x]\nnew = 1\n");
    BOOST_TEST(
        config::render_diff(standard, now) == "[aio]\n-b = 2\n+b = 9\n+\t8\n\n[x]\n+new = 1\n\n"
    );
    BOOST_TEST(config::render_diff(standard, standard) == "");
}

BOOST_AUTO_TEST_CASE(a_schema_is_listed_with_type_default_range_and_owner) {
    config::schema s;
    s.option("port", 80, "the port").least(0).most(65535);
    s.required<std::string>("func", "what is called");
    s.option("mode", aio::base::choice{"a", {"a", "b"}}, "a word").words({"none"});
    s.add("token", config::type::string, "").secret();
    const config::schema_listing all[] = {{"server/NAME", "aio", s}};
    BOOST_TEST(
        config::render_schema(all) == "[server/NAME]  # declared by aio\n"
                                      "port   whole number 0 to 65535  80        the port\n"
                                      "func   text                     required  what is called\n"
                                      "mode   a|b|none                 a         a word\n"
                                      "token  text                     -         (secret)\n\n"
    );
    const std::string json = config::render_schema_json(all);
    BOOST_TEST(json.find("\"default\": \"80\"") != std::string::npos, json);
    BOOST_TEST(json.find("\"required\": true") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
