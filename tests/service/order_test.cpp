#include <aio/base/hint_cache.hpp>
#include <aio/service/order.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <string>

using namespace aio;
using service::absence;
using service::absentees;
using service::common_spec;

namespace {

struct services {
    std::vector<common_spec> all;
    base::diagnostics wrong;
    absentees absent;

    services& add(std::string name, base::list depends = {}) {
        common_spec one;
        one.section = std::move(name);
        one.depends = std::move(depends);
        all.push_back(std::move(one));
        return *this;
    }

    std::string order() {
        std::string text;
        for (std::size_t i : service::order(all, absent, wrong))
            text += (text.empty() ? "" : " ") + all[i].section;
        return text;
    }

    std::string first() const { return wrong.empty() ? "" : wrong.begin()->text; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE(without_dependencies_the_configuration_decides) {
    services s;
    BOOST_TEST(s.add("b").add("a").add("c").order() == "b a c");
    BOOST_TEST(s.wrong.empty());
}

BOOST_AUTO_TEST_CASE(dependencies_come_first_and_the_rest_keeps_its_place) {
    services s;
    s.add("a", {"d", "c"}).add("b").add("c").add("d", {"e"}).add("e");
    BOOST_TEST(s.order() == "e d c a b");
    BOOST_TEST(s.wrong.empty());
}

BOOST_AUTO_TEST_CASE(a_dependency_of_several_starts_once) {
    services s;
    s.add("a", {"x"}).add("b", {"x"}).add("x");
    BOOST_TEST(s.order() == "x a b");
}

BOOST_AUTO_TEST_CASE(unknown_dependencies_of_many_are_looked_up_a_few_times) {
    constexpr std::size_t count = 200;
    const auto hints = [&](const std::function<std::string(std::size_t)>& name) {
        services s;
        s.add("server/database");
        for (std::size_t i = 0; i < count; ++i)
            s.add("service/s" + std::to_string(i), {name(i)});
        s.order();
        BOOST_TEST(s.wrong.size() == count);
        return static_cast<std::size_t>(std::ranges::count_if(s.wrong, [](const auto& problem) {
            return !problem.hint.empty();
        }));
    };
    BOOST_TEST(hints([](std::size_t) { return "server/databse"; }) == count);
    BOOST_TEST(hints([](std::size_t i) {
                   return "server/databas" + std::to_string(i);
               }) == base::hint_cache::most);
    services s;
    s.add("service/web1", {"service/wbe1"}).add("service/web2", {"service/wbe1"}).order();
    for (const auto& problem : s.wrong)
        BOOST_TEST(problem.hint.find(problem.text.substr(1, 12)) == problem.hint.npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_dependency_gets_the_nearest_name) {
    services s;
    s.add("schedule/a", {"server/wbe"}).add("server/web").order();
    BOOST_REQUIRE(s.wrong.size() == 1);
    BOOST_TEST(s.first() == "[schedule/a] depends on unknown 'server/wbe'");
    BOOST_TEST(s.wrong.begin()->hint == "did you mean 'server/web'?");
}

BOOST_AUTO_TEST_CASE(a_dependency_without_its_kind_gets_the_whole_name) {
    services s;
    s.add("schedule/a", {"web"}).add("server/cobweb").add("server/web").order();
    BOOST_REQUIRE(s.wrong.size() == 1);
    BOOST_TEST(s.wrong.begin()->hint == "did you mean 'server/web'?");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_depended_on_is_said) {
    services s;
    s.add("service/a", {"supervisor/s"}).add("service/b", {"service/a, service/c"});
    s.add("service/c").order();
    BOOST_REQUIRE(s.wrong.size() == 2u);
    BOOST_TEST(s.first() == "[service/a] cannot depend on a supervisor: 'supervisor/s'");
    const base::diagnostic& list = *(s.wrong.begin() + 1);
    BOOST_TEST(list.text == "[service/b] depends on unknown 'service/a, service/c'");
    BOOST_TEST(list.hint == "one per line, without commas");
}

BOOST_AUTO_TEST_CASE(a_disabled_dependency_is_an_error_a_broken_one_is_not) {
    services s;
    s.absent = {{"x", absence::disabled}, {"y", absence::broken}};
    s.add("a", {"x", "y"}).order();
    BOOST_REQUIRE(s.wrong.size() == 1);
    BOOST_TEST(s.first() == "[a] depends on 'x', which is not enabled");
}

BOOST_AUTO_TEST_CASE(circles_are_printed_each_once) {
    services s;
    s.add("a", {"b"}).add("b", {"c"}).add("c", {"b", "a"}).add("d", {"d"}).order();
    BOOST_REQUIRE(s.wrong.size() == 3);
    auto at = s.wrong.begin();
    BOOST_TEST(at++->text == "dependencies in a circle: b -> c -> b");
    BOOST_TEST(at++->text == "dependencies in a circle: a -> b -> c -> a");
    BOOST_TEST(at++->text == "dependencies in a circle: d -> d");
}

BOOST_AUTO_TEST_CASE(a_chain_of_a_hundred_thousand_is_no_trouble) {
    services s;
    constexpr int length = 100000;
    for (int i = 0; i < length; ++i)
        s.add(std::to_string(i), i + 1 < length ? base::list{std::to_string(i + 1)} : base::list{});
    const std::string order = s.order();
    BOOST_TEST(order.substr(0, 11) == "99999 99998");
    BOOST_TEST(s.wrong.empty());
}

BOOST_AUTO_TEST_SUITE_END()
