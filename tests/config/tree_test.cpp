#include "support.hpp"

#include <aio/config/property_tree.hpp>

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace aio::tests;
namespace config = aio::config;

BOOST_AUTO_TEST_SUITE(tree)

BOOST_AUTO_TEST_CASE(an_empty_tree_has_an_empty_default) {
    const config::tree none;
    BOOST_TEST(none.sections().empty());
    BOOST_TEST(none.defaults().name() == "DEFAULT");
    BOOST_TEST(none.defaults().values().empty());
    BOOST_TEST(!none.defaults().where().from);
    BOOST_TEST(!none.find("a"));
}

BOOST_AUTO_TEST_CASE(values_know_where_they_stand) {
    const auto all = tree_of("[a]\n  Foo : one\n\n     two\n[DEFAULT]\nd = 1\n");
    const config::section& a = *all.find("a");
    const config::value& foo = *a.find("FOO");
    BOOST_TEST(aio::base::render(a.where()) == "one.conf:1:1");
    BOOST_TEST(aio::base::render(foo.where) == "one.conf:2:3");
    BOOST_TEST(aio::base::render(foo.text_where) == "one.conf:2:9");
    BOOST_TEST(aio::base::render(a.line_of(foo, 0)) == "one.conf:2:9");
    BOOST_TEST(aio::base::render(a.line_of(foo, 1)) == "one.conf:3:1");
    BOOST_TEST(aio::base::render(a.line_of(foo, 2)) == "one.conf:4:6");
    BOOST_TEST(a.values().back().inherited);
    BOOST_TEST(!foo.inherited);
}

BOOST_AUTO_TEST_CASE(case_9_layers_replace_and_remember) {
    const auto all =
        config::merge(inputs_of({"[x]\na = mod\nb = mod\n", "[x]\na = user\n", "[x]\na = 3\n"}));
    const config::section& x = *all.find("x");
    BOOST_TEST(x.find("a")->text == "3");
    BOOST_TEST(x.find("b")->text == "mod");
    const auto old = x.replaced(*x.find("a"));
    BOOST_REQUIRE(old.size() == 2u);
    BOOST_TEST(old[0].raw == "user");
    BOOST_TEST(aio::base::render(old[1].where) == "one.conf:2:1");
    BOOST_TEST(x.replaced(*x.find("b")).empty());
}

BOOST_AUTO_TEST_CASE(kinds_and_labels) {
    const auto all =
        tree_of("[schedule/b]\n[schedule/a/c]\n[schedule]\n[schedule/]\n[schedules/x]\n");
    const auto found = all.of_kind("schedule");
    BOOST_REQUIRE(found.size() == 2u);
    BOOST_TEST(found[0]->label() == "b");
    BOOST_TEST(found[1]->label() == "a/c");
    BOOST_TEST(all.find("schedule")->label() == "schedule");
}

BOOST_AUTO_TEST_CASE(large_sections_are_searched_too) {
    std::string text = "[a]\n";
    for (int i = 0; i < 3000; ++i)
        text += "option" + std::to_string(i) + " = " + std::to_string(i) + "\n";
    const auto all = tree_of(text);
    for (int i = 0; i < 3000; i += 7)
        BOOST_TEST(text_of(all, "a", "OPTION" + std::to_string(i)) == std::to_string(i));
    BOOST_TEST(!all.find("a", "option3000"));
}

BOOST_AUTO_TEST_CASE(many_threads_may_ask) {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "[s" + std::to_string(i) + "]\nx = ${s0:y}\n";
    const auto all = tree_of(text + "[DEFAULT]\ny = ok\n");
    std::vector<std::thread> threads;
    std::vector<int> good(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (const config::section& one : all.sections())
                good[static_cast<std::size_t>(t)] += one.find("x")->text == "ok" ? 1 : 0;
        });
    for (std::thread& one : threads)
        one.join();
    for (const int n : good)
        BOOST_TEST(n == 200);
}

BOOST_AUTO_TEST_CASE(the_property_tree_holds_the_same_in_the_same_order) {
    const auto view =
        config::to_ptree(tree_of("[a.b/c]\nx.y = 1\nz = ${x.y}2\n[DEFAULT]\nd = 0\n"));
    BOOST_TEST(view.size() == 2u);
    BOOST_TEST(view.front().first == "DEFAULT");
    const auto& z = view.get_child(config::ptree_path("a.b/c", "z"));
    BOOST_TEST(z.data().text == "12");
    BOOST_TEST(aio::base::render(z.data().where) == "one.conf:3:1");
    std::string order;
    for (const auto& [name, node] : view.back().second)
        order += name + ' ';
    BOOST_TEST(order == "x.y z d ");
}

BOOST_AUTO_TEST_CASE(a_place_inside_a_value_is_that_of_its_byte) {
    aio::config::inputs in;
    in.files.emplace_back(
        "t.conf",
        "[a]\nx = \xC3\xBC"
        "bc\n  de\ny = ${x}!\n"
    );
    const aio::config::tree all = aio::config::merge(in);
    const aio::config::section& a = *all.find("a");
    const auto place = [&](const char* option, std::size_t offset) {
        return aio::base::render(a.place_of(*a.find(option), offset));
    };
    BOOST_TEST(place("x", 0) == "t.conf:2:5");
    BOOST_TEST(place("x", 3) == "t.conf:2:7"); // columns are code points
    BOOST_TEST(place("x", 6) == "t.conf:3:4");
    BOOST_TEST(place("y", 3) == "t.conf:4:5"); // interpolated: the beginning is the best there is
}

BOOST_AUTO_TEST_SUITE_END()
