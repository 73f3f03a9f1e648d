#include "support.hpp"

#include <aio/config/interpolate.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::tests;

BOOST_AUTO_TEST_SUITE(interpolate)

BOOST_AUTO_TEST_CASE(both_forms_mean_the_same) {
    const auto all = tree_of("[a]\nx = 1\ny = ${x} $<x> ${a:x} $<a:x> $$ $${x}\n");
    BOOST_TEST(text_of(all, "a", "y") == "1 1 1 1 $ ${x}");
}

BOOST_AUTO_TEST_CASE(the_environment_is_literal) {
    const auto all = aio::config::merge(inputs_of(
        {"[a]\nx = ${env:WORD}|$<env:WORD>|${env:NO:-d $ {:-}|${env:EMPTY:-unused}\n"},
        {{"WORD", "$ and ${y}"}, {"EMPTY", ""}}
    ));
    BOOST_TEST(text_of(all, "a", "x") == "$ and ${y}|$ and ${y}|d $ {:-|unused");
}

BOOST_AUTO_TEST_CASE(report_cfg_6_a_variable_that_is_no_utf_8_is_an_error) {
    const auto all =
        aio::config::merge(inputs_of({"[a]\nx = ${env:WORD}\n"}, {{"WORD", "caf\xe9"}}));
    const auto* found = all.find("a", "x");
    BOOST_TEST_REQUIRE(!found->good);
    BOOST_TEST(found->problem->text.find("it is not UTF-8") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(report_cfg_7_a_character_of_the_environment_that_cannot_be_seen_is_a_warning) {
    const auto all = aio::config::merge(inputs_of(
        {"[a]\nx = ${env:WORD}\ny = ${env:GOOD}\n"}, {{"WORD", "a\x1b[2J"}, {"GOOD", "a\u00a0!"}}
    ));
    aio::base::diagnostics said;
    all.check(said);
    BOOST_TEST_REQUIRE(said.size() == 1u);
    BOOST_TEST(!said.failed());
    BOOST_TEST(said.begin()->where.line == 2u);
    BOOST_TEST(said.begin()->hint == "\\x1b comes from the environment");
}

BOOST_AUTO_TEST_CASE(report_cfg_5_a_variable_that_is_set_but_empty_counts_as_not_set) {
    const auto all = aio::config::merge(
        inputs_of({"[a]\nx = ${env:EMPTY}\ny = <${env:EMPTY:-}>\n"}, {{"EMPTY", ""}})
    );
    BOOST_TEST(!all.find("a", "x")->good);
    BOOST_TEST(text_of(all, "a", "y") == "<>");
}

BOOST_AUTO_TEST_CASE(a_default_stands_in_for_what_is_missing_only) {
    const auto all =
        tree_of("[a]\nx = \ny = ${a:x:-no}${a:z:-yes}${b:z:-: :}${a:z:-}\nbad = ${a:w:-1}\n"
                "w = $\n");
    BOOST_TEST(text_of(all, "a", "y") == "yes: :");
    BOOST_TEST(!all.find("a", "bad")->good);
}

BOOST_AUTO_TEST_CASE(a_file_is_relative_to_the_file_that_names_it) {
    aio::config::inputs in = inputs_of({});
    in.files.emplace_back("etc/app.conf", "[a]\nx = <${file:secret.txt}>\n");
    BOOST_TEST(text_of(aio::config::merge(in), "a", "x") == "<hunter2>");
    BOOST_TEST(!tree_of("[a]\nx = ${file:other.txt}\n").find("a", "x")->good);
}

BOOST_AUTO_TEST_CASE(a_secret_taints_whatever_uses_it) {
    aio::config::inputs in =
        inputs_of({"[db]\npassword = pw\nfile = ${file:secret.txt}\nurl = u:${password}@h\nmore = "
                   "${other:z}\n"
                   "plain = 1\n[other]\nz = -${db:url}-\nf = ${db:file}\nown = ${db:plain}\n"
                   "[DEFAULT]\ntoken = t\n[web]\nhead = ${token}\n"});
    in.secret = [](std::string_view section, std::string_view option) {
        return (section == "db" && option == "password") || (section == "web" && option == "token");
    };
    const auto all = aio::config::merge(in);
    for (const auto& [section, option] : std::initializer_list<std::pair<const char*, const char*>>{
             {"db", "password"},
             {"db", "file"},
             {"db", "url"},
             {"db", "more"},
             {"other", "z"},
             {"other", "f"},
             {"web", "token"},
             {"web", "head"},
             {"DEFAULT", "token"}
         })
        BOOST_TEST(all.find(section, option)->secret, section << ':' << option);
    for (const auto& [section, option] : std::initializer_list<std::pair<const char*, const char*>>{
             {"db", "plain"}, {"other", "own"}
         })
        BOOST_TEST(!all.find(section, option)->secret, section << ':' << option);
}

BOOST_AUTO_TEST_CASE(extensions_can_be_switched_off) {
    aio::config::inputs in = inputs_of({"[a]\nx = ${env:A}\ny = ${a:b:-c}\n[schedule:x]\n"});
    in.extensions = false;
    const auto all = aio::config::merge(in);
    BOOST_TEST(!all.find("a", "x")->good);
    BOOST_TEST(!all.find("a", "y")->good);
    BOOST_TEST(all.find("schedule:x"));
}

BOOST_AUTO_TEST_CASE(a_result_has_a_limit_of_its_own) {
    std::string text = "[a]\nv0 = " + std::string(256, 'x') + "$$\n";
    for (int i = 1; i <= 9; ++i) {
        text += "v" + std::to_string(i) + " = ";
        for (int k = 0; k < 6; ++k)
            text += "${v" + std::to_string(i - 1) + "}";
        text += '\n';
    }
    const auto all = tree_of(text);
    BOOST_TEST(all.find("a", "v6")->text.size() == 257u * 46656);
    BOOST_TEST(!all.find("a", "v7")->good);
    BOOST_TEST(all.find("a", "v7")->problem->text.find("beyond 16 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_references_to_nothing_take_no_time) {
    // 40 references in each of ten levels: 40^10 steps if each were followed anew.
    std::string text = "[a]\nv0 = $$\n";
    for (int i = 1; i < 10; ++i) {
        text += "v" + std::to_string(i) + " = ";
        for (int k = 0; k < 40; ++k)
            text += i == 1 ? "${e}" : "${v" + std::to_string(i - 1) + "}";
        text += '\n';
    }
    text += "e = ${f}\nf =\n";
    const auto all = tree_of(text);
    BOOST_TEST(all.find("a", "v8")->good);
    BOOST_TEST(all.find("a", "v8")->text.empty());
}

BOOST_AUTO_TEST_SUITE_END()
