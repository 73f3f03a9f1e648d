#include "support.hpp"

#include <aio/base/hint_cache.hpp>
#include <aio/config/options.hpp>
#include <aio/config/secrets.hpp>

#include <boost/test/unit_test.hpp>

using aio::tests::inputs_of;
using aio::tests::said;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(explain)

BOOST_AUTO_TEST_CASE(case_14_an_unknown_reference_names_option_section_key_and_value) {
    BOOST_TEST(
        said("[aio]\nb = ${nope}\n") ==
        "one.conf:2:5: error: [aio] b: there is no option 'nope' in [aio] for '${nope}'\n"
        "    b = ${nope}\n"
        "        ^\n"
    );
    BOOST_TEST(
        has(said("[aio]\nb = x $<nope> y\n"),
            "one.conf:2:7: error: [aio] b: there is no option 'nope' in [aio] for '$<nope>' in "
            "'x $<nope> y'\n")
    );
}

BOOST_AUTO_TEST_CASE(case_15_a_circle_is_named) {
    const std::string all = said("[aio]\nb = ${c}\nc = ${b}\n");
    BOOST_TEST(has(all, "references go round in a circle: aio:b -> aio:c -> aio:b\n"), all);
    BOOST_TEST(has(said("[aio]\nb = x ${b}\n"), "in a circle: aio:b -> aio:b\n"));
    BOOST_TEST(has(all, "  give one of them a value without a reference to the others"));
}

BOOST_AUTO_TEST_CASE(case_16_a_bad_dollar) {
    BOOST_TEST(
        said("[aio]\nb = $x\n") ==
        "one.conf:2:5: error: [aio] b: '$' must be followed by '$', '{' or '<', found: '$x'\n"
        "    b = $x\n"
        "        ^\n"
        "  write `$$` for a dollar sign\n"
    );
}

BOOST_AUTO_TEST_CASE(a_mistake_in_every_section_is_looked_up_once) {
    constexpr std::size_t sections = 200;
    const auto hints = [](const std::string& reference) {
        std::string text = "[default_values]\nx = 1\n";
        for (std::size_t i = 0; i < sections; ++i) {
            std::string own = reference;
            if (const std::size_t number = own.find('#'); number != own.npos)
                own.replace(number, 1, std::to_string(i));
            text += "[s" + std::to_string(i) + "]\nb = ${" + own + "}\n";
        }
        const std::string all = said(text);
        std::size_t count = 0;
        for (std::size_t at = 0; (at = all.find("did you mean", at)) != all.npos; ++at)
            ++count;
        return count;
    };
    BOOST_TEST(hints("defualt_values:x") == sections);
    BOOST_TEST(hints("default_values:xyz") == 0u);
    BOOST_TEST(hints("default_valu#:x") == aio::base::hint_cache::most);
    BOOST_TEST(hints("nowhere#:x") == aio::base::hint_cache::most); // ${default_values:x}
}

BOOST_AUTO_TEST_CASE(hints_name_what_was_probably_meant) {
    const std::string base = "[web]\nport = 1\nhost = h\n[a:b]\nc = 1\n[server/x]\nk = 1\n[z]\n";
    const std::pair<const char*, const char*> rows[] = {
        {"${web:prot}", "  did you mean 'port'?\n"},
        {"${wbe:port}", "  did you mean 'web'?\n"},
        {"${Web:port}", "  did you mean 'web'?\n"},
        {"${ web:port}", "  did you mean 'web'?\n"},
        {"${port}", "  did you mean ${web:port}?\n"},
        {"${nosuch:port}", "  did you mean ${web:port}?\n"},
        {"${a:b:c}", "  section [a:b] has a ':' in its name and cannot be referred to\n"},
        {"${server:x:k}", "  did you mean ${server/x:k}?\n"},
        {"${a:b:c:d}", "  write ${section:option}\n"},
        {"${k:-1}", "  a default is written ${section:k:-1}\n"},
        {"${env:NOPE}", "  write ${env:NOPE:-text} to give a default\n"},
        {"${file:none}", ": No such file or directory\n"},
        {"$<x", "'$<' without its '>'"},
        {"${}", "a reference needs a name, as in ${section:option}"},
    };
    for (const auto& [value, hint] : rows) {
        const std::string all = said(base + "v = " + value + "\n");
        BOOST_TEST(has(all, hint), value << ": " << all);
    }
}

BOOST_AUTO_TEST_CASE(one_mistake_is_one_message_whoever_uses_it) {
    const std::string all = said("[DEFAULT]\nbad = ${nope}\n[a]\nx = ${bad}\n[b]\ny = 1\n");
    BOOST_TEST(
        all == "one.conf:2:7: error: [DEFAULT] bad: there is no option 'nope' in [DEFAULT] for "
               "'${nope}'\n    bad = ${nope}\n          ^\n"
    );
}

BOOST_AUTO_TEST_CASE(the_caret_of_a_secret_value_hides_it) {
    aio::config::inputs in = inputs_of({"[db]\npassword = abc\n  def $x\n"});
    in.secret = [](std::string_view, std::string_view option) { return option == "password"; };
    BOOST_TEST(
        said(in) ==
        "one.conf:3:7: error: [db] password: '$' must be followed by '$', '{' or '<', found: "
        "********\n      ********\n      ^\n  write `$$` for a dollar sign\n"
    );
}

BOOST_AUTO_TEST_CASE(what_is_learnt_to_be_a_secret_hides_in_messages_of_before) {
    aio::config::inputs in =
        inputs_of({"[db]\nuser = me\npassword = first word,\n  second\nurl = ${password}@host\n"});
    aio::config::tree tree = aio::config::merge(in);
    const aio::config::section& db = *tree.find("db");
    const std::string before = db.find("url")->text;
    aio::base::diagnostics all;
    all.error(db.find("url")->text_where, "'" + before + "' leads nowhere");
    all.error(db.line_of(*db.find("password"), 1), "no such word", "not 'second'");
    all.error({}, "second to none");
    all.error(db.find("user")->text_where, "there is no me");
    db.learn_secret("Password");
    BOOST_TEST(!db.find("password")->secret);
    tree.mask_learnt();
    BOOST_TEST(db.find("password")->secret);
    BOOST_TEST(db.find("password")->declared_secret);
    BOOST_TEST(db.find("url")->secret);
    BOOST_TEST(!db.find("url")->declared_secret);
    BOOST_TEST(!db.find("user")->secret);
    BOOST_TEST(
        aio::base::render(aio::config::masked(all, tree)) ==
        "one.conf:5:7: error: '********' leads nowhere\n    url = ********\n          ^\n"
        "one.conf:4:3: error: no such ********\n      ********\n      ^\n  not '********'\n"
        "error: ******** to none\n"
        "one.conf:2:8: error: there is no me\n    user = me\n           ^\n"
    );
}

BOOST_AUTO_TEST_CASE(the_default_of_a_secret_is_one_where_it_counts) {
    aio::config::schema by;
    by.option("password", "hunter2", "what opens the door").secret();
    by.option("open", false, "without one").secret();
    by.option("user", "root", "who comes in");
    const aio::config::schema* all[] = {&by};
    for (const char* text : {"[db]\n", "[db]\npassword = abcd\n"}) {
        const bool counts = std::string_view(text) == "[db]\n";
        const aio::config::tree tree = aio::config::merge(inputs_of({text}));
        aio::base::diagnostics ignored;
        aio::config::read(*tree.find("db"), all, aio::config::unknown::error, ignored);
        BOOST_TEST(
            aio::config::secret_texts_of(tree).mask("root:hunter2 'no'") ==
            (counts ? "root:******** 'no'" : "root:hunter2 'no'")
        );
    }
}

BOOST_AUTO_TEST_CASE(report_log_5_a_secret_is_hidden_without_the_text_around_it) {
    for (const char* value :
         {"(('${file:secret.txt}', 514),)", "./logs/${file:secret.txt}.log", "${file:secret.txt}"
         }) {
        const aio::config::tree tree =
            aio::config::merge(inputs_of({std::string("[a]\nx = ") + value + "\n"}));
        const aio::base::secret_texts secrets = aio::config::secret_texts_of(tree);
        BOOST_TEST(secrets.mask("cannot reach hunter2:514") == "cannot reach ********:514", value);
        BOOST_TEST(secrets.mask("/v/logs/hunter2.log.1") == "/v/logs/********.log.1", value);
    }
}

BOOST_AUTO_TEST_SUITE_END()
