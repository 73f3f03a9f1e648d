#include "support.hpp"

#include <boost/test/unit_test.hpp>

using aio::tests::said;

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(case_17_duplicates_name_where_it_was_first) {
    BOOST_TEST(
        said("[x]\na = 1\nA = 2\n[y]\n[x]\n") ==
        "one.conf:3:1: error: option 'a' is set twice in [x]\n"
        "    A = 2\n"
        "    ^\n"
        "  first set at one.conf:2\n"
        "one.conf:5:1: error: section [x] stands twice in this file\n"
        "    [x]\n"
        "    ^\n"
        "  first set at one.conf:1\n"
    );
}

BOOST_AUTO_TEST_CASE(a_bad_line_says_how_it_would_continue) {
    BOOST_TEST(
        said("[x]\n  a = 1\n  more\n") ==
        "one.conf:3:3: error: no '=' or ':' in this line\n"
        "      more\n"
        "      ^\n"
        "  write option = value, or indent it deeper than line 2 to continue the value above\n"
    );
    BOOST_TEST(said("[x]\nmore\n").find("  write option = value\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(text_before_a_header_is_one_error) {
    BOOST_TEST(
        said("a = 1\nb = 2\n[x]\nc = 3\n") ==
        "one.conf:1:1: error: text before the first [section]\n"
        "    a = 1\n"
        "    ^\n"
        "  write a header such as [aio] above it\n"
    );
}

BOOST_AUTO_TEST_CASE(an_option_without_a_name) {
    BOOST_TEST(
        said("[x]\n = 1\n") == "one.conf:2:2: error: an option needs a name before its '=' or ':'\n"
                               "     = 1\n"
                               "     ^\n"
    );
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_told_with_its_byte) {
    BOOST_TEST(
        said("[x]\na = \xff\n") == "one.conf:2:5: error: not UTF-8: byte 0xff\n"
                                   "    a = ?\n"
                                   "        ^\n"
                                   "  the rest of this file is not read\n"
    );
}

BOOST_AUTO_TEST_CASE(a_bracket_in_a_header_is_a_warning) {
    BOOST_TEST(
        said("[a] # see [b]\n") ==
        "one.conf:1:1: warning: the name of this section is 'a] # see [b'\n"
        "    [a] # see [b]\n"
        "    ^\n"
        "  a name reaches to the last ']' of its line\n"
    );
}

BOOST_AUTO_TEST_CASE(a_header_inside_a_value_is_a_warning) {
    BOOST_TEST(
        said("[a]\nx = 1\n  [b]\n  [1, 2]\n") ==
        "one.conf:3:3: warning: [b] is part of the value of 'x', not a section\n"
        "      [b]\n"
        "      ^\n"
        "  it is indented deeper than line 2: start it further left to make it a section\n"
    );
}

BOOST_AUTO_TEST_CASE(colon_sections_are_read_as_slash_ones_with_a_warning) {
    const std::string text = "[schedule:x]\nevery = 1\n[mine:x]\na = 1\n[aio:commands]\nhi = m.f\n";
    const aio::config::tree all = aio::tests::tree_of(text);
    BOOST_TEST(aio::tests::text_of(all, "schedule/x", "every") == "1");
    BOOST_TEST(aio::tests::text_of(all, "aio/commands", "hi") == "m.f");
    BOOST_TEST(aio::tests::text_of(all, "mine:x", "a") == "1");
    BOOST_TEST(!all.find("schedule:x"));
    BOOST_TEST(
        said("[schedule:x]\nevery = 1\n") ==
        "one.conf:1:1: warning: [schedule:x] is read as [schedule/x]\n"
        "    [schedule:x]\n"
        "    ^\n"
        "  write [schedule/x]\n"
    );
    BOOST_TEST(said("[schedule:x]\n[schedule/x]\n").find("error") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_mistakes_of_all_files_come_in_one_pass) {
    const std::string all = said(aio::tests::inputs_of(
        {"[a]\nbad\n= 1\n[a]\n", "junk\n[b]\nx = ${nope}\n", "[c]\ny = $\n\xff"}
    ));
    for (const char* place :
         {"one.conf:2:1: error",
          "one.conf:3:1: error",
          "one.conf:4:1: error",
          "two.conf:1:1: error",
          "two.conf:3:5: error",
          "three.conf:3:1: error"})
        BOOST_TEST(all.find(place) != std::string::npos, place << " in\n" << all);
}

BOOST_AUTO_TEST_CASE(a_secret_set_twice_is_not_shown) {
    aio::config::inputs in = aio::tests::inputs_of({"[db]\npassword = one\npassword = two\n"});
    in.secret = [](std::string_view, std::string_view option) { return option == "password"; };
    const std::string all = said(in);
    BOOST_TEST(all.find("    password = ********\n") != std::string::npos, all);
    BOOST_TEST(all.find("two") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
