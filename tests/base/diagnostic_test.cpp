#include <aio/base/diagnostic.hpp>
#include <aio/base/source_lines.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::base;

namespace {

location at(std::string text, std::uint32_t line, std::uint32_t column) {
    return {std::make_shared<const source>("etc/app.conf", std::move(text)), line, column};
}

std::string shown(location where) {
    return render({severity::error, std::move(where), "bad", ""});
}

} // namespace

BOOST_AUTO_TEST_SUITE(diagnostic_)

BOOST_AUTO_TEST_CASE(a_message_has_place_line_caret_and_hint) {
    const diagnostic one{
        severity::error,
        at("[server/web]\nprot = 8080\n", 2, 1),
        "unknown option 'prot' in [server/web]",
        "did you mean 'port'?",
    };
    BOOST_TEST(
        render(one) == "etc/app.conf:2:1: error: unknown option 'prot' in [server/web]\n"
                       "    prot = 8080\n"
                       "    ^\n"
                       "  did you mean 'port'?\n"
    );
}

BOOST_AUTO_TEST_CASE(without_a_place_only_the_text_is_printed) {
    BOOST_TEST(render({severity::warning, {}, "careful", ""}) == "warning: careful\n");
    BOOST_TEST(shown({std::make_shared<const source>("f", "x"), 0, 0}) == "f: error: bad\n");
    BOOST_TEST(shown(at("x = 1", 1, 0)) == "etc/app.conf:1: error: bad\n    x = 1\n");
}

BOOST_AUTO_TEST_CASE(no_control_character_reaches_the_terminal) {
    const diagnostic one{
        severity::error,
        {std::make_shared<const source>("a\x1B.conf", ""), 0, 0},
        "[a\x1B[31m] \xC2\x9Bx \xFF \xC3\xBC",
        "did you mean 'b\a'?\nor\tc"
    };
    BOOST_TEST(
        render(one) == "a\\x1b.conf: error: [a\\x1b[31m] \\xc2\\x9bx \\xff \xC3\xBC\n"
                       "  did you mean 'b\\x07'?\n  or\tc\n"
    );
}

BOOST_AUTO_TEST_CASE(the_caret_follows_tabs_and_code_points) {
    BOOST_TEST(
        shown(at("\té = $x", 1, 6)) == "etc/app.conf:1:6: error: bad\n    \té = $x\n    \t    ^\n"
    );
}

BOOST_AUTO_TEST_CASE(lines_end_in_every_way_and_a_byte_order_mark_does_not_count) {
    const std::string text = "\xEF\xBB\xBF"
                             "one\r\ntwo\rthree\n\nfive";
    BOOST_TEST(line_at(text, 1) == "one");
    BOOST_TEST(line_at(text, 2) == "two");
    BOOST_TEST(line_at(text, 3) == "three");
    BOOST_TEST(line_at(text, 4) == "");
    BOOST_TEST(line_at(text, 5) == "five");
    BOOST_TEST(line_at(text, 6) == "");
    BOOST_TEST(line_at(text, 0) == "");
}

BOOST_AUTO_TEST_CASE(a_source_is_read_once_for_all_its_lines) {
    const auto from =
        std::make_shared<const source>("x", "\xEF\xBB\xBFone\r\ntwo\rthree\n\nfive\n");
    source_lines all;
    for (std::uint32_t number = 0; number < 9; ++number)
        BOOST_TEST(all.line(from, number) == line_at(from->text, number));
    const auto other = std::make_shared<const source>("y", "");
    BOOST_TEST(all.line(other, 1) == "");
    BOOST_TEST(all.line(from, 5) == "five");
}

BOOST_AUTO_TEST_CASE(a_secret_is_masked_and_the_caret_stays_before_it) {
    location where = at("password = hunter2", 1, 15);
    where.secret_from = 12;
    BOOST_TEST(
        shown(where) == "etc/app.conf:1:15: error: bad\n    password = ********\n               ^\n"
    );
}

BOOST_AUTO_TEST_CASE(long_lines_are_cut_around_the_caret) {
    const std::string text = "k = " + std::string(500, 'x') + "$" + std::string(500, 'y');
    const std::string out = shown(at(text, 1, 505));
    BOOST_TEST(out.size() < 480u);
    BOOST_TEST(out.find("...xxx") != std::string::npos);
    BOOST_TEST(out.find("yyy...\n") != std::string::npos);
    const std::size_t line = out.find('\n') + 1;
    const std::size_t caret = out.find('\n', line) + 1;
    BOOST_TEST(out[line + (out.find('^') - caret)] == '$');
}

BOOST_AUTO_TEST_CASE(control_characters_and_broken_bytes_print_as_escapes) {
    BOOST_TEST(
        shown(at("a\x1b[1m\xff", 1, 1)) ==
        "etc/app.conf:1:1: error: bad\n    a\\x1b[1m\\xff\n    ^\n"
    );
}

BOOST_AUTO_TEST_CASE(report_cfg_7_the_caret_stands_right_below_an_escape_and_a_hint_names_it) {
    BOOST_TEST(
        shown(at("po\u200brt = \u202e80", 1, 9)) ==
        "etc/app.conf:1:9: error: bad\n"
        "    po\\u200brt = \\u202e80\n"
        "                 ^\n"
        "  \\u200b is a zero width space, which cannot be seen: delete it, or write a space "
        "instead\n"
    );
    const diagnostic one{
        severity::error, {}, "unknown option 'po\u200brt'", "did you mean 'port'?"
    };
    BOOST_TEST(
        render(one) == "error: unknown option 'po\\u200brt'\n"
                       "  did you mean 'port'?\n"
                       "  \\u200b is a zero width space, which cannot be seen: delete it, or write "
                       "a space instead\n"
    );
}

BOOST_AUTO_TEST_CASE(the_hint_says_nothing_of_what_is_secret) {
    location where = at("password = hunter\u200b2", 1, 12);
    where.secret_from = 12;
    BOOST_TEST(
        shown(where) == "etc/app.conf:1:12: error: bad\n    password = ********\n               ^\n"
    );
}

BOOST_AUTO_TEST_CASE(a_message_may_do_without_the_line) {
    diagnostic one{severity::warning, at("x = 1", 1, 1), "many places", ""};
    one.show = excerpt::none;
    BOOST_TEST(render(one) == "etc/app.conf:1:1: warning: many places\n");
}

BOOST_AUTO_TEST_CASE(sorting_keeps_files_in_first_met_order) {
    const auto b = std::make_shared<const source>("b", "");
    const auto a = std::make_shared<const source>("a", "");
    diagnostics all;
    all.error({b, 5, 1}, "b5");
    all.error({a, 9, 1}, "a9");
    all.warning({}, "nowhere");
    all.error({a, 2, 1}, "a2");
    all.error({b, 1, 1}, "b1");
    all.sort();
    std::string order;
    for (const diagnostic& one : all)
        order += one.text + ' ';
    BOOST_TEST(order == "b1 b5 a2 a9 nowhere ");
    BOOST_TEST(all.errors() == 4u);
    BOOST_TEST(all.failed());
}

BOOST_AUTO_TEST_CASE(warnings_do_not_fail) {
    diagnostics all;
    all.warning({}, "careful");
    BOOST_TEST(!all.failed());
    all.add(diagnostics{all});
    BOOST_TEST(all.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
