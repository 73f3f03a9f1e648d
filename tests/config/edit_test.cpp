#include <aio/config/edit.hpp>

#include <boost/test/unit_test.hpp>

namespace config = aio::config;

namespace {

std::string
set(const std::string& text, const char* section, const char* option, const char* value) {
    const config::edited out = config::set_option(text, section, option, value);
    BOOST_TEST(out.refused == "");
    return out.text;
}

std::string unset(const std::string& text, const char* section, const char* option = nullptr) {
    const config::edited out =
        option ? config::unset_option(text, section, option) : config::unset_section(text, section);
    BOOST_TEST(out.refused == "");
    return out.text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(edit)

BOOST_AUTO_TEST_CASE(case_25_setting_keeps_spelling_and_every_other_byte) {
    BOOST_TEST(
        set("# mine\n[aio]\nLOG_Level = WARNING\n\n; and\nother: 1\n", "aio", "log_level", "DEBUG"
        ) == "# mine\n[aio]\nLOG_Level = DEBUG\n\n; and\nother: 1\n"
    );
}

BOOST_AUTO_TEST_CASE(case_26_several_lines_make_a_new_section) {
    BOOST_TEST(
        set("[aio]\nx = 1", "listen/example", "example-signal", "my.listener\nmy.listener2") ==
        "[aio]\nx = 1\n\n[listen/example]\nexample-signal = my.listener\n\tmy.listener2\n"
    );
}

BOOST_AUTO_TEST_CASE(line_ends_and_byte_order_mark_stay) {
    const std::string text =
        "\xEF\xBB\xBF[a]\r\n  x : 1\r\n\t\t\tmore\r\n# é\r\n  y=2\r\n\r\n[b]\r\nz = 3";
    BOOST_TEST(
        set(text, "a", "x", "7\n8") ==
        "\xEF\xBB\xBF[a]\r\n  x : 7\r\n\t\t\t8\r\n# é\r\n  y=2\r\n\r\n[b]\r\nz = 3"
    );
    BOOST_TEST(
        set(text, "b", "w", "4") ==
        "\xEF\xBB\xBF[a]\r\n  x : 1\r\n\t\t\tmore\r\n# é\r\n  y=2\r\n\r\n[b]\r\nz = 3\r\nw = 4"
    );
    BOOST_TEST(set("[a]\rx = 1\r", "a", "y", "2") == "[a]\rx = 1\ry = 2\r");
    // A lone CR and the LF of the next, empty line are two ends.
    BOOST_TEST(set("[a]\rx: 0\r\r\n\ty\n\n", "a", "x", "4") == "[a]\rx: 4\r\n\n");
}

BOOST_AUTO_TEST_CASE(taking_an_option_out) {
    BOOST_TEST(unset("[x]\na = 1\n\tmore\n# c\nb = 2\n", "x", "A") == "[x]\n# c\nb = 2\n");
    BOOST_TEST(unset("[x]\na = 1\n # in\n more\nb = 2\n", "x", "a") == "[x]\n # in\nb = 2\n");
    BOOST_TEST(unset("[x]\na = 1", "x", "a") == "[x]");
    BOOST_TEST(unset("[x]\na = 1\n\n[y]\n", "x", "a") == "[x]\n\n[y]\n");
    BOOST_TEST(!config::unset_option("[x]\na = 1\n", "x", "b").found);
    BOOST_TEST(!config::unset_option("[x]\na = 1\n", "y", "a").found);
}

BOOST_AUTO_TEST_CASE(taking_a_section_out) {
    BOOST_TEST(unset("[x]\na = 1\n[y]\nb = 2\n[z]\nc = 3\n", "y") == "[x]\na = 1\n[z]\nc = 3\n");
    BOOST_TEST(
        unset("[x]\na = 1\n\n[y]\nb = 2\n  3\n\n# about z\n[z]\n", "y") ==
        "[x]\na = 1\n\n# about z\n[z]\n"
    );
    BOOST_TEST(unset("[y]\n", "y") == "");
    BOOST_TEST(!config::unset_section("[x]\n", "y").found);
}

BOOST_AUTO_TEST_CASE(what_would_read_differently_is_refused_and_nothing_changes) {
    // Without [b], the deeper header would be a line of x.
    const std::string text = "[a]\nx = 1\n[b]\n  [c]\n";
    const config::edited out = config::unset_section(text, "b");
    BOOST_TEST(out.refused != "");
    BOOST_TEST(out.text == text);
    BOOST_TEST(config::set_option("[a]\nbad\n", "a", "x", "1").refused == "the file has errors");
}

BOOST_AUTO_TEST_CASE(values_and_names_that_cannot_be_spelled_say_why) {
    const auto why = [](const char* section, const char* option, const char* value) {
        return config::set_option("[a]\n", section, option, value).refused;
    };
    BOOST_TEST(why("a", "x", " 1") == "line 1 of the value begins or ends with a blank");
    BOOST_TEST(why("a", "x", "1\n# 2") == "line 2 of the value would read as a comment");
    BOOST_TEST(why("a", "x", "1\n") == "a value of several lines cannot end with an empty one");
    BOOST_TEST(why("a", "x", "1\r2") == "a value cannot hold a carriage return");
    BOOST_TEST(why("a", "x", "\xff") == "the value is not UTF-8");
    BOOST_TEST(why("a", "", "1") == "an option needs a name");
    BOOST_TEST(why("a", "x:y", "1") != "");
    BOOST_TEST(why("a", ";x", "1") != "");
    BOOST_TEST(why("a", "[x", "1]") == "name and value together would read as a section header");
    BOOST_TEST(why("a", "[x]", "1") != "");
    BOOST_TEST(why("a\nb", "x", "1") != "");
    BOOST_TEST(why("", "x", "1") == "a section needs a name");
    BOOST_TEST(
        why("a", "x", "$y") == "a '$' that begins no reference: write `$$` for a dollar sign"
    );
    BOOST_TEST(why("a", "x", "$$y ${z} $<a:b>") == "");
    BOOST_TEST(
        config::set_option("[a]\n", "a", "x", "$y", config::dollar_check::any).refused == ""
    );
}

BOOST_AUTO_TEST_CASE(escapes_of_the_command_line) {
    BOOST_TEST(config::unescape(R"(a\nb\tc\\n\x\)") == "a\nb\tc\\n\\x\\");
}

BOOST_AUTO_TEST_CASE(differences_print_like_diff) {
    const std::string before = "1\n2\n3\n4\na = 1\n5\n6\n7\n8\n",
                      after = "1\n2\n3\n4\na = 9\nb = 2\n5\n6\n7\n8\n";
    BOOST_TEST(
        config::unified_diff("f", before, after, before, after) ==
        "--- f\n+++ f\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-a = 1\n+a = 9\n+b = 2\n 5\n 6\n 7\n"
    );
    BOOST_TEST(config::unified_diff("f", before, before, before, before) == "");
    BOOST_TEST(
        config::unified_diff("f", "", "x", "", "x") ==
        "--- f\n+++ f\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
    );
}

BOOST_AUTO_TEST_CASE(secrets_are_masked_line_by_line) {
    const auto secret = [](std::string_view section, std::string_view option) {
        return section == "db" && option == "password";
    };
    BOOST_TEST(
        config::mask_secrets(
            "[db]\nPassword = a\n  b\n\n# c\nhost = h\n[x]\npassword = p", secret
        ) == "[db]\nPassword = ********\n  ********\n\n# c\nhost = h\n[x]\npassword = p"
    );
}

BOOST_AUTO_TEST_SUITE_END()
