#include <aio/config/load.hpp>
#include <aio/service/supervisor.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using service::absence;
using service::absentees;
using service::common_spec;
using service::supervisor_spec;

namespace {

struct world {
    base::diagnostics wrong;
    std::vector<supervisor_spec> all;
    std::vector<common_spec> units;
    absentees absent;

    const supervisor_spec& add(const std::string& name, const std::string& body) {
        config::inputs in;
        in.files.emplace_back("t.conf", "[supervisor/" + name + "]\n" + body);
        const config::tree tree = config::merge(in);
        return all.emplace_back(service::read_supervisor(tree.sections().front(), wrong));
    }

    void unit(std::string name, std::string under = {}, base::list depends = {}) {
        common_spec one;
        one.section = std::move(name);
        one.supervisor = std::move(under);
        one.depends = std::move(depends);
        units.push_back(std::move(one));
    }

    /// Everything said, without where.
    std::string said() {
        service::check_supervisors(all, units, absent, wrong);
        std::string text;
        for (const auto& one : wrong)
            text += one.text + (one.hint.empty() ? "" : " (" + one.hint + ")") + "\n";
        return text;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor, world)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const supervisor_spec& one = add("x", "");
    BOOST_TEST(one.name == "x");
    BOOST_TEST((one.strategy == service::strategy::one_for_one));
    BOOST_TEST(one.max_restarts == 5);
    BOOST_TEST((one.over == 10s));
    BOOST_TEST((one.backoff == 100ms));
    BOOST_TEST((one.backoff_max == 30s));
    BOOST_TEST(one.replacement == "");
    BOOST_TEST(one.supervisor == "");
}

BOOST_AUTO_TEST_CASE(everything_given_is_read) {
    const supervisor_spec& one = add(
        "x",
        "strategy = rest_for_one\nmax_restarts = 3\nover = 1s\nbackoff = 10ms\nbackoff_max = 1m\n"
        "replacement = service/y\nsupervisor = top\n"
    );
    BOOST_TEST((one.strategy == service::strategy::rest_for_one));
    BOOST_TEST(one.max_restarts == 3);
    BOOST_TEST((one.over == 1s));
    BOOST_TEST((one.backoff == 10ms));
    BOOST_TEST((one.backoff_max == 60s));
    BOOST_TEST(one.replacement == "service/y");
    BOOST_TEST(one.supervisor == "top");
    BOOST_TEST(!wrong.failed());
}

BOOST_AUTO_TEST_CASE(a_section_of_aio_is_strict) {
    add("x", "strategy = all\nbackof = 1\nmax_restarts = -1\nbackoff = 0\n");
    BOOST_TEST(wrong.errors() == 4);
}

BOOST_AUTO_TEST_CASE(a_back_off_that_is_longer_than_the_longest_is_an_error) {
    add("x", "backoff = 2\nbackoff_max = 1\n");
    add("y", "backoff = 1h\n");
    unit("a", "x");
    unit("b", "y");
    BOOST_TEST(
        said() == "[supervisor/x] backoff_max is less than backoff\n"
                  "[supervisor/y] backoff_max is less than backoff\n"
    );
}

BOOST_AUTO_TEST_CASE(a_wrong_back_off_is_not_compared) {
    add("x", "backoff = 0\nbackoff_max = 10ms\n");
    BOOST_TEST(wrong.errors() == 1);
}

BOOST_AUTO_TEST_CASE(who_forfeits_restarts_nothing) {
    add("x", "strategy = forfeit_one\nmax_restarts = 3\n");
    unit("a", "x");
    BOOST_TEST(
        said() == "[supervisor/x] max_restarts has no meaning with strategy = forfeit_one: nothing "
                  "is started again\n"
    );
}

BOOST_AUTO_TEST_CASE(an_unknown_supervisor_gets_the_nearest_name) {
    add("front", "supervisor = topp\n");
    add("top", "");
    unit("server/a", "frnt");
    unit("server/b", "front");
    unit("server/c", "supervisor/top");
    unit("server/d", "top");
    BOOST_TEST(
        said() == "[supervisor/front] supervisor: there is no [supervisor/topp] (did you mean "
                  "'top'?)\n"
                  "[server/a] supervisor: there is no [supervisor/frnt] (did you mean 'front'?)\n"
                  "[server/c] supervisor: there is no [supervisor/supervisor/top] (did you mean "
                  "'top'?)\n"
    );
}

BOOST_AUTO_TEST_CASE(circles_are_printed_each_once) {
    add("a", "supervisor = b\n");
    add("b", "supervisor = c\n");
    add("c", "supervisor = b\n");
    add("d", "supervisor = d\n");
    BOOST_TEST(
        said() ==
        "supervisors in a circle: b -> c -> b (remove the option supervisor from one of them)\n"
        "supervisors in a circle: d -> d (remove the option supervisor from one of them)\n"
    );
}

BOOST_AUTO_TEST_CASE(a_replacement_is_a_section_that_takes_one_place) {
    add("a", "replacement = service/x\n");
    add("b", "replacement = service/x\n");
    add("c", "replacement = service/yy\n");
    add("d", "replacement = service/c\n");
    add("e", "replacement = service/off\n");
    absent["service/off"] = absence::disabled;
    unit("service/x");
    unit("service/y");
    unit("service/c", "c");
    unit("service/z", "c", {"service/x"});
    BOOST_TEST(
        said() ==
        "[supervisor/b] replacement: 'service/x' is already the replacement of [supervisor/a]\n"
        "[supervisor/c] replacement: 'service/yy' is no section that runs (did you mean "
        "'service/y'?)\n"
        "[supervisor/d] replacement: 'service/c' is a replacement, so it cannot have a supervisor "
        "of its own, [supervisor/c]\n"
        "[supervisor/e] replacement: 'service/off' is not enabled\n"
        "[service/z] depends on 'service/x', which only runs in place of another under "
        "[supervisor/a]\n"
    );
}

BOOST_AUTO_TEST_CASE(a_replacement_without_its_kind_gets_the_whole_name) {
    add("a", "replacement = spare\n");
    unit("service/x", "a");
    unit("service/spare");
    BOOST_TEST(
        said() == "[supervisor/a] replacement: 'spare' is no section that runs (did you mean "
                  "'service/spare'?)\n"
    );
}

BOOST_AUTO_TEST_CASE(several_names_are_one_too_many) {
    add("a", "replacement = service/x\n  service/y\nsupervisor = b\n  c\n");
    unit("service/x", "a\nb");
    BOOST_TEST(
        said() == "[supervisor/a] supervisor: one name only\n"
                  "[supervisor/a] replacement: one name only\n"
                  "[service/x] supervisor: one name only\n"
    );
}

BOOST_AUTO_TEST_CASE(who_can_never_give_up_is_told_what_would_work) {
    add("a", "over = 1s\n");
    add("many", "over = 1s\n");
    add("usual", "");
    add("endless", "max_restarts = 1000000\n");
    add("lost", "over = 1s\nstrategy = forfeit_one\n");
    unit("service/a", "a");
    unit("service/b", "many");
    unit("service/c", "many");
    unit("service/d", "usual");
    unit("service/e", "endless");
    unit("service/f", "lost");
    wrong = {};
    BOOST_TEST(
        said() ==
        "[supervisor/a] never gives up: its back-offs keep 5 restarts (max_restarts) "
        "further apart than 1s (over) (it does with over = 3s, or with max_restarts = 3)\n"
    );
    BOOST_TEST(!wrong.failed());
}

BOOST_AUTO_TEST_CASE(what_is_said_to_work_is_not_warned_of) {
    for (const char* text : {"over = 3s\n", "over = 1s\nmax_restarts = 3\n"}) {
        world one;
        one.add("a", text);
        one.unit("service/a", "a");
        BOOST_TEST(one.said() == "");
    }
}

BOOST_AUTO_TEST_CASE(who_supervises_nothing_is_told_so) {
    add("a", "");
    BOOST_TEST(said() == "[supervisor/a] supervises nothing\n");
    BOOST_TEST(!wrong.failed());
}

BOOST_AUTO_TEST_CASE(who_is_misspelt_is_not_said_to_supervise_nothing_too) {
    add("front", "");
    unit("server/a", "frnt");
    BOOST_TEST(
        said() == "[server/a] supervisor: there is no [supervisor/frnt] (did you mean 'front'?)\n"
    );
}

BOOST_AUTO_TEST_CASE(nor_when_something_else_is_wrong_that_may_be_the_reason) {
    add("front", "");
    wrong.error({}, "unknown option 'supervisr'");
    unit("server/a");
    BOOST_TEST(said() == "unknown option 'supervisr'\n");
}

BOOST_AUTO_TEST_CASE(the_one_that_default_names_has_none_above_it) {
    config::inputs in;
    in.files.emplace_back(
        "t.conf", "[DEFAULT]\nsupervisor = top\n[supervisor/top]\n[supervisor/net]\n"
    );
    const config::tree tree = config::merge(in);
    for (const config::section* one : tree.of_kind("supervisor"))
        all.push_back(service::read_supervisor(*one, wrong));
    unit("server/a", "net");
    BOOST_TEST(said() == "");
    BOOST_REQUIRE(all.size() == 2u);
    BOOST_TEST(all[0].supervisor == "");
    BOOST_TEST(all[1].supervisor == "top");
}

BOOST_AUTO_TEST_SUITE_END()
