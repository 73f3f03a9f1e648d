#include "support.hpp"

#include <aio/config/convert.hpp>
#include <aio/config/options.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::tests;
namespace config = aio::config;
namespace base = aio::base;
using namespace std::chrono_literals;

namespace {

config::schema server() {
    config::schema s;
    s.option("address", base::list{}, "where to listen");
    s.option("port", 8080, "the port").least(0).most(65535);
    s.option("idle_timeout", 30s, "a silent connection is closed").least(0.001).words({"none"});
    s.option("transport", base::choice{"tcp", {"tcp", "udp", "unix"}}, "the transport");
    s.option("buffer", base::size{65536}, "a size").least(1024);
    s.add("limit", config::type::rate, "a rate");
    s.option("enabled", true, "on or off");
    s.option("ratio", 0.5, "a number");
    s.add("supervisor", config::type::string, "who keeps it").reserved("supervision comes later");
    return s;
}

struct reading {
    config::options typed;
    std::string said;
};

reading read(const std::string& text, config::unknown policy = config::unknown::error) {
    static const config::schema by = server();
    const config::schema* all[] = {&by};
    base::diagnostics to;
    const config::tree tree = tree_of(text);
    reading out;
    out.typed = config::read(tree.sections().front(), all, policy, to);
    out.said = base::render(to);
    return out;
}

std::string error_of(const std::string& line) {
    const std::string all = read("[server/web]\n" + line + "\n").said;
    const std::size_t at = all.find("error: ");
    return at == std::string::npos ? "" : all.substr(at + 7, all.find('\n') - at - 7);
}

} // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(values_are_typed) {
    const auto r = read("[server/web]\naddress = ::1\n  10.0.0.1\nPort = 80\nidle_timeout = none\n"
                        "transport = UDP\nbuffer = 1M\nlimit = 10/s\nenabled = off\nratio = 2\n");
    BOOST_TEST(r.said == "");
    BOOST_TEST(r.typed.get<base::list>("address") == (base::list{"::1", "10.0.0.1"}));
    BOOST_TEST(r.typed.get<int>("port") == 80);
    BOOST_TEST(!r.typed.find<base::duration>("idle_timeout"));
    BOOST_TEST(r.typed.word("idle_timeout") == "none");
    BOOST_TEST(r.typed.get<base::choice>("transport").value == "udp");
    BOOST_TEST(r.typed.get<base::size>("buffer").bytes == 1u << 20);
    BOOST_TEST(r.typed.get<base::rate>("limit").per_second == 10);
    BOOST_TEST(!r.typed.get<bool>("enabled"));
    BOOST_TEST(r.typed.get<double>("ratio") == 2);
    BOOST_TEST(base::render(r.typed.entries_where("address").at(1)) == "one.conf:3:3");
    BOOST_TEST(base::render(r.typed.where("port")) == "one.conf:4:1");
    BOOST_TEST(base::render(r.typed.where("limit")) == "one.conf:8:1");
    BOOST_TEST(r.typed.given("port"));
}

BOOST_AUTO_TEST_CASE(defaults_stand_in) {
    const auto r = read("[server/web]\n");
    BOOST_TEST(r.typed.get<int>("port") == 8080);
    BOOST_TEST((r.typed.get<base::duration>("idle_timeout") == 30s));
    BOOST_TEST(!r.typed.find<base::rate>("limit"));
    BOOST_TEST(!r.typed.given("port"));
    BOOST_TEST(base::render(r.typed.where("port")) == "one.conf:1:1");
    const config::schema by = server();
    const config::schema* all[] = {&by};
    BOOST_TEST(config::defaults("server/web", all).get<int>("port") == 8080);
}

BOOST_AUTO_TEST_CASE(messages_name_section_option_and_value) {
    BOOST_TEST(error_of("prot = 1") == "unknown option 'prot' in [server/web]");
    BOOST_TEST(error_of("port = abc") == "[server/web] port: 'abc' is not a whole number");
    BOOST_TEST(
        error_of("port = 70000") == "[server/web] port: '70000' is out of range, 0 to 65535"
    );
    BOOST_TEST(
        error_of("transport = tpc") == "[server/web] transport: 'tpc' is none of tcp, udp, unix"
    );
    BOOST_TEST(
        error_of("idle_timeout = soon") ==
        "[server/web] idle_timeout: 'soon' is not a duration such as 500ms or 1m30s or none"
    );
    BOOST_TEST(
        error_of("idle_timeout = 0") ==
        "[server/web] idle_timeout: '0' is out of range, 1ms or more"
    );
    BOOST_TEST(error_of("buffer = 1") == "[server/web] buffer: '1' is out of range, 1k or more");
    BOOST_TEST(error_of("enabled =") == "[server/web] enabled: '' is not yes or no");
    BOOST_TEST(error_of("supervisor = x") == "[server/web] supervisor: not in this version");
    BOOST_TEST(
        read("[server/web]\nprot = 8080\n").said ==
        "one.conf:2:1: error: unknown option 'prot' in [server/web]\n"
        "    prot = 8080\n"
        "    ^\n"
        "  did you mean 'port'?\n"
    );
}

BOOST_AUTO_TEST_CASE(a_value_that_is_wrong_leaves_the_default) {
    const auto r = read("[server/web]\nport = abc\nlimit = many\n");
    BOOST_TEST(r.typed.get<int>("port") == 8080);
    BOOST_TEST(!r.typed.find<base::rate>("limit"));
}

BOOST_AUTO_TEST_CASE(a_function_may_have_options_of_its_own_unless_nearly_known) {
    using config::unknown;
    BOOST_TEST(read("[s/x]\nextra = 42\n", unknown::near_error).said == "");
    BOOST_TEST(
        read("[s/x]\nextra = 42\n", unknown::near_error).typed.text("EXTRA").value() == "42"
    );
    BOOST_TEST(
        read("[s/x]\nadress = 1\n", unknown::near_error).said.find("did you mean 'address'?") !=
        std::string::npos
    );
    BOOST_TEST(read("[s/x]\nprot = 1\n", unknown::near_error).said != "");
    BOOST_TEST(read("[s/x]\n\u0440ort = 1\n", unknown::near_error).said != "");
    BOOST_TEST(read("[s/x]\npo rt = 1\n", unknown::near_error).said != "");
    BOOST_TEST(read("[s/x]\npot = 1\n", unknown::near_error).said == "");
    BOOST_TEST(read("[s/x]\nadress = 1\n", unknown::keep).said == "");
}

BOOST_AUTO_TEST_CASE(inherited_options_count_only_where_they_are_known) {
    BOOST_TEST(read("[s/x]\n[DEFAULT]\nadress = 1\nnonsense = 1\nsupervisor = s\n").said == "");
    BOOST_TEST(read("[s/x]\n[DEFAULT]\nport = 99\n").typed.get<int>("port") == 99);
}

BOOST_AUTO_TEST_CASE(a_required_option_is_missed_at_the_header) {
    config::schema by;
    by.required<std::string>("func", "what is called");
    const config::schema* all[] = {&by};
    base::diagnostics to;
    const auto tree = tree_of("\n[schedule/x]\n");
    const auto typed = config::read(tree.sections().front(), all, config::unknown::error, to);
    BOOST_TEST(
        base::render(to) == "one.conf:2:1: error: [schedule/x] needs the option 'func'\n"
                            "    [schedule/x]\n"
                            "    ^\n"
                            "  func: what is called\n"
    );
    BOOST_TEST(typed.get<std::string>("func") == "");
}

BOOST_AUTO_TEST_CASE(programmers_mistakes_throw_naming_both_types) {
    const auto r = read("[server/web]\n");
    BOOST_CHECK_THROW(r.typed.get<int>("nope"), config::option_error);
    BOOST_CHECK_THROW(r.typed.get<base::rate>("limit"), config::option_error);
    try {
        r.typed.get<bool>("port");
        BOOST_ERROR("no exception");
    } catch (const config::option_error& e) {
        BOOST_TEST(
            e.what() ==
            std::string("option 'port' of [server/web] is a whole number, not yes or no")
        );
    }
}

BOOST_AUTO_TEST_CASE(a_value_that_failed_to_interpolate_is_told_once) {
    const auto r = read("[server/web]\nport = ${nope}\n");
    BOOST_TEST(r.said == "");
    BOOST_TEST(r.typed.get<int>("port") == 8080);
}

BOOST_AUTO_TEST_CASE(an_option_without_the_one_it_needs_is_a_warning) {
    const auto warning = [](const std::string& text) {
        config::schema by;
        by.declare({
            .name = "header",
            .value_type = config::type::choice,
            .standard = base::choice{"no", {"no", "required"}},
            .allowed = {"no", "required"},
            .needs = {{.when = "required", .option = "senders", .value = {}}},
        });
        by.declare({
            .name = "senders",
            .needs = {{.when = {}, .option = "header", .value = "required"}},
        });
        const config::schema* all[] = {&by};
        base::diagnostics to;
        const config::tree tree = tree_of(text);
        config::read(*tree.find("a"), all, config::unknown::error, to);
        return base::render(to);
    };
    BOOST_TEST(warning("[a]\n") == "");
    BOOST_TEST(warning("[a]\nheader = no\n") == "");
    BOOST_TEST(warning("[a]\nheader = required\nsenders = x\n") == "");
    BOOST_TEST(
        warning("[a]\nheader = Required\n") ==
        "one.conf:2:1: warning: [a] header = required needs senders\n"
        "    header = Required\n"
        "    ^\n"
        "  unless code sets that itself\n"
    );
    for (const std::string other : {"", "header = no\n"})
        BOOST_TEST(
            warning("[a]\nsenders = x\n" + other) ==
            "one.conf:2:1: warning: [a] senders needs header = required\n"
            "    senders = x\n"
            "    ^\n"
            "  unless code sets that itself\n"
        );
    BOOST_TEST(warning("[DEFAULT]\nsenders = x\n[a]\nheader = no\n") == "");
    BOOST_TEST(warning("[DEFAULT]\nsenders = x\n[a]\nheader = required\n") == "");
    BOOST_TEST(warning("[DEFAULT]\nheader = required\n[a]\nsenders = x\n") == "");
}

BOOST_AUTO_TEST_CASE(an_option_swallowed_by_a_value_is_a_warning) {
    const auto r = read("[server/web]\naddress = ::1\n   port = 80\n   other = 1\n");
    BOOST_TEST(
        r.said == "one.conf:3:4: warning: 'port' is part of the value of 'address', not an option\n"
                  "       port = 80\n"
                  "       ^\n"
                  "  it is indented deeper than line 2: start it there to set 'port'\n"
    );
}

BOOST_AUTO_TEST_CASE(the_first_schema_that_declares_a_name_wins) {
    config::schema own, common;
    own.option("label", 5, "a number here");
    common.option("label", "x", "text there");
    const config::schema* all[] = {&own, &common};
    base::diagnostics to;
    const auto tree = tree_of("[a]\nlabel = 7\n");
    BOOST_TEST(
        config::read(tree.sections().front(), all, config::unknown::error, to).get<int>("label") ==
        7
    );
}

BOOST_AUTO_TEST_CASE(mistakes_inside_of_a_text_are_reported_at_their_places) {
    config::schema by;
    by.add("letters", config::type::string, "no digits").check([](std::string_view text) {
        std::vector<config::text_mistake> all;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] >= '0' && text[i] <= '9')
                all.push_back({i, "'" + std::string(text.substr(i, 1)) + "' is a digit", "remove"});
        return all;
    });
    const config::schema* all[] = {&by};
    for (const bool secret : {false, true}) {
        base::diagnostics to;
        config::inputs in;
        in.secret = [=](std::string_view, std::string_view) { return secret; };
        in.files.emplace_back("t.conf", "[x]\nletters = a1\n  b2\n");
        const config::tree tree = config::merge(in);
        const auto typed = config::read(tree.sections().front(), all, config::unknown::error, to);
        BOOST_TEST(to.errors() == (secret ? 1u : 2u));
        const std::string said = base::render(to);
        BOOST_TEST((said.find("t.conf:2:12: error: [x] letters: '1' is a digit") == 0) == !secret);
        BOOST_TEST(
            (said.find("t.conf:3:4: error: [x] letters: '2' is a digit") != said.npos) == !secret
        );
        BOOST_TEST((said.find("letters: ******** has a mistake in it") != said.npos) == secret);
        BOOST_TEST(!typed.find<std::string>("letters")); // not used with a mistake
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_is_not_shown) {
    config::inputs in = inputs_of({"[a]\ntoken = hunter2\n"});
    in.secret = [](std::string_view, std::string_view) { return true; };
    config::schema by;
    by.option("token", 1, "a number").secret();
    const config::schema* all[] = {&by};
    base::diagnostics to;
    const auto tree = config::merge(in);
    config::read(tree.sections().front(), all, config::unknown::error, to);
    BOOST_TEST(
        base::render(to) == "one.conf:2:9: error: [a] token: ******** is not a whole number\n"
                            "    token = ********\n"
                            "            ^\n"
    );
}

BOOST_AUTO_TEST_CASE(a_number_that_its_type_cannot_hold_is_out_of_range) {
    const std::string digits(400, '9');
    const std::pair<std::string, std::string> rows[] = {
        {"port = 18446744073709551615", "0 to 65535"},
        {"port = -9_999_999_999_999_999_999", "0 to 65535"},
        {"idle_timeout = 300000d", "1ms to 106751d23h47m16.854775807s"},
        {"idle_timeout = 1h99999999999999999999s", "1ms to 106751d23h47m16.854775807s"},
        {"buffer = 99999999999999999999", "1k to 18446744073709551615"},
        {"buffer = 18446744073709551615k", "1k to 18446744073709551615"},
        {"ratio = 1e999", "-1.7976931348623157e+308 to 1.7976931348623157e+308"},
        {"limit = 1e999/m", "0/s to 1.7976931348623157e+308/s"},
    };
    for (const auto& [line, range] : rows) {
        const std::string said = error_of(line);
        BOOST_TEST(said.ends_with(" is out of range, " + range), said);
    }
    BOOST_TEST(error_of("port = " + digits).ends_with("...' is out of range, 0 to 65535"));
}

BOOST_AUTO_TEST_CASE(what_has_no_form_of_a_number_does_not_get_one_by_its_digits) {
    for (const char* text : {"99999999999999999999x", "1__9", "0x99999999999999999999", "9 9", "-"})
        BOOST_TEST(error_of(std::string("port = ") + text).ends_with(" is not a whole number"));
    for (const char* text : {"-99999999999999999999", "300y", "99999999999d1d", "1e999"})
        BOOST_TEST(!config::exceeds(config::type::duration, text), text);
}

BOOST_AUTO_TEST_SUITE_END()
