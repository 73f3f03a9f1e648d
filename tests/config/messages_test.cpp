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
                                   "    a = \\xff\n"
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
        "  a section name ends at the last ']' of its line\n"
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

BOOST_AUTO_TEST_CASE(several_colon_sections_are_one_line_with_a_count_and_the_places) {
    aio::config::inputs in = aio::tests::inputs_of(
        {"[schedule:x]\nevery = 1\n[mine:x]\n\n[server:y]\n", "[aio:commands]\n"}
    );
    BOOST_TEST(
        said(in) == "one.conf:1:1: warning: 3 sections are named with ':' and read with '/', as "
                    "[schedule/x]; they are at one.conf:1, 5, two.conf:1\n"
    );
}

BOOST_AUTO_TEST_CASE(report_cfg_8_a_comment_inside_a_value_is_a_warning) {
    const std::string text = "[process/x]\n"
                             "command = case \"1\" in\n"
                             "    0) echo zero\n"
                             "    ;;\n"
                             "    *) echo other\n"
                             "    ;;\n"
                             "    esac\n";
    BOOST_TEST(
        said(text) ==
        "one.conf:4:5: warning: this line and 1 more are a comment, not part of the value of "
        "'command'\n"
        "        ;;\n"
        "        ^\n"
        "  a line that begins with '#' or ';' is a comment wherever it stands; to keep it as text, "
        "begin it with another character\n"
    );
    BOOST_TEST(
        aio::tests::text_of(aio::tests::tree_of(text), "process/x", "command") ==
        "case \"1\" in\n0) echo zero\n*) echo other\nesac"
    );
    aio::config::inputs all = aio::tests::inputs_of({"[x]\nlist =\n  # red\n  ;;\n  blue\n"});
    BOOST_TEST(said(all).find("one.conf:4:3: warning: this line is a comment") == 0u);
    all.every_warning = true;
    BOOST_TEST(said(all).find("one.conf:3:3: warning: this line is a comment") == 0u);
    BOOST_TEST(
        said(all).find("one.conf:4:3: warning: this line is a comment") != std::string::npos
    );
    BOOST_TEST(said("[x]\nlist =\n  #fff\n  #000\n  red\n").find("one.conf:3:3: warning: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_comment_beside_a_value_is_none_of_its_business) {
    for (const char* text :
         {"[x]\na =\n  1\n  # after the last line\nb = 2\n",
          "[x]\na =\n  1\n# at the margin\n  2\n",
          "[x]\n  a = 1\n  ; as deep as the option\n    2\n",
          "[x]\n  # above\na = 1\n",
          "  # before all\n[x]\n  # after the header\n    a = 1\n"})
        BOOST_TEST(said(text) == "");
}

BOOST_AUTO_TEST_CASE(a_comment_inside_a_secret_is_not_shown) {
    aio::config::inputs in = aio::tests::inputs_of({"[x]\npassword =\n  a\n  ;hunter2\n  b\n"});
    in.secret = [](std::string_view, std::string_view option) { return option == "password"; };
    BOOST_TEST(said(in).find("hunter2") == std::string::npos, said(in));
    BOOST_TEST(said(in).find("one.conf:4:3: warning: ") == 0u, said(in));
}

BOOST_AUTO_TEST_CASE(report_cfg_6_another_encoding_is_an_error) {
    const std::string text = "[server/e]\nprotocol = nonsense\n";
    std::string little, big;
    for (const char c : text) {
        little += std::string{c, '\0'};
        big += std::string{'\0', c};
    }
    for (const std::string& wide : {little, big, "\xFF\xFE" + little, "\xFE\xFF" + big}) {
        const std::string all = said(wide);
        BOOST_TEST(
            all.find("one.conf: error: this file is UTF-16, not UTF-8; nothing of it is read\n") ==
                0u,
            all
        );
        BOOST_TEST(all.find("  convert it: iconv -f UTF-16") != std::string::npos, all);
    }
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_counts_before_a_broken_byte_but_not_before_a_nul) {
    using namespace std::string_literals;
    BOOST_TEST(said("\xEF\xBB\xBF\xEF").find("one.conf:1:2: error: not UTF-8") == 0u);
    BOOST_TEST(said("\xEF\xBB\xBF# \0\n"s).find("one.conf:1:3: error: a NUL") == 0u);
}

BOOST_AUTO_TEST_CASE(report_cfg_6_a_nul_is_an_error_wherever_it_stands) {
    using namespace std::string_literals;
    BOOST_TEST(
        said("[x]\na = 1\0 2\n"s) == "one.conf:2:6: error: a NUL byte is not text\n"
                                     "    a = 1\\x00 2\n"
                                     "         ^\n"
                                     "  delete it, or convert the file to UTF-8\n"
    );
    for (const std::string& text :
         {"[x\0]\n"s, "[x]\nb\0 = 1\n"s, "# \0\n[x]\n"s, "[x]\na = 1\n\0"s})
        BOOST_TEST(
            said(text).find("error: a NUL byte is not text") != std::string::npos, said(text)
        );
}

BOOST_AUTO_TEST_CASE(report_cfg_7_a_character_that_cannot_be_seen_in_a_name_is_an_error) {
    BOOST_TEST(
        said("[x]\npo\u200brt = 1\n") == "one.conf:2:3: error: the name of option 'po\\u200brt' "
                                         "holds a character that cannot be seen\n"
                                         "    po\\u200brt = 1\n"
                                         "      ^\n"
                                         "  \\u200b is a zero width space, which cannot be seen: "
                                         "delete it, or write a space instead\n"
    );
    for (const char* seen :
         {"\u00ad", "\u202e", "\ufeff", "\u2060", "\u200d", "\u00a0", "\x1b", "\u2066"}) {
        const std::string c{seen};
        BOOST_TEST(said("[x]\na" + c + "b = 1\n").find("one.conf:2:2: error: ") == 0u, c);
        BOOST_TEST(said("[a" + c + "b]\n").find("one.conf:1:3: error: ") == 0u, c);
    }
    BOOST_TEST(said("[x]\na = 1\n\ufeff[y]\n").find("one.conf:3:1: error: ") == 0u);
    BOOST_TEST(
        said("[x]\na = 1\n\ufeff[y]\n").find("\\ufeff is a byte order mark") != std::string::npos
    );
    BOOST_TEST(said("[x]\na = 1\n\ufeff[y:z]\n").find("one.conf:3:1: error: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_character_that_cannot_be_seen_in_a_value_is_a_warning) {
    BOOST_TEST(
        said("[x]\na = \u200b8080\n") ==
        "one.conf:2:5: warning: the value of 'a' holds a character that cannot be seen\n"
        "    a = \\u200b8080\n"
        "        ^\n"
        "  \\u200b is a zero width space, which cannot be seen: delete it, or write a space "
        "instead\n"
    );
    BOOST_TEST(said("[x]\na =\n  1\n  2\u202e\n").find("one.conf:4:4: warning: ") == 0u);
    for (const char* seen : {"\x1b", "\x7f", "\u0085", "\u009b", "\u2028", "\u2003", "\u205f"})
        BOOST_TEST(
            said("[x]\na = b" + std::string{seen} + "c\n").find("one.conf:2:6: warning: ") == 0u,
            seen
        );
    // A joiner inside a word or an emoji, a no-break space in a sentence: their writers mean them.
    BOOST_TEST(
        said("[x]\na = \u0645\u06cc\u200c\u062e\nb = \U0001F468\u200d\U0001F469\nc = a\u00a0!\n") ==
        ""
    );
}

BOOST_AUTO_TEST_CASE(report_cfg_5_an_include_that_does_nothing_says_so) {
    aio::config::inputs in = aio::tests::inputs_of({"[DEFAULT]\ninclude = x\n"});
    in.modules.emplace_back("m/aio.conf", "[aio]\ninclude = y\n");
    in.environment.push_back({"aio", "include", "z", {}});
    in.command_line.push_back({"aio", "Include", "z", {}});
    const std::string all = said(in);
    std::size_t count = 0;
    for (std::size_t at = all.find("warning: include has no effect here"); at != std::string::npos;
         at = all.find("warning: include has no effect here", at + 1))
        ++count;
    BOOST_TEST(count == 4u, all);
    BOOST_TEST(said("[aio]\ninclude = x\n") == "");
}

BOOST_AUTO_TEST_SUITE_END()
