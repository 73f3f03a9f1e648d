#include <aio/module/registry.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace aio::module;

BOOST_AUTO_TEST_SUITE(module_registry)

BOOST_AUTO_TEST_CASE(what_is_registered_is_found_with_its_options) {
    registry all;
    registrar to(all, "my.example");
    to.add("schedule", "tick", std::any{42}).option("grace", 5, "how long").help("Logs a tick");
    const item* found = all.find("my.example.tick");
    BOOST_REQUIRE(found);
    BOOST_TEST(found->kind == "schedule");
    BOOST_TEST(found->module == "my.example");
    BOOST_TEST(found->help == "Logs a tick");
    BOOST_TEST(std::any_cast<int>(found->object) == 42);
    BOOST_REQUIRE(found->options.find("grace"));
    BOOST_TEST(found->options.find("grace")->help == "how long");
    BOOST_TEST(!all.find("tick"));
}

BOOST_AUTO_TEST_CASE(names_are_sorted_and_by_kind) {
    registry all;
    registrar(all, "b").add("schedule", "z", {});
    registrar(all, "a").add("listener", "y", {});
    registrar(all, "a").add("schedule", "x", {});
    BOOST_TEST(
        all.names() == (std::vector<std::string>{"a.x", "a.y", "b.z"}),
        boost::test_tools::per_element()
    );
    BOOST_TEST(
        all.names("schedule") == (std::vector<std::string>{"a.x", "b.z"}),
        boost::test_tools::per_element()
    );
    BOOST_TEST(all.of_module("a").size() == 2u);
    BOOST_TEST(all.of_module("c").empty());
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_once) {
    registry all;
    registrar to(all, "my.example");
    to.add("schedule", "tick", {});
    BOOST_CHECK_EXCEPTION(to.add("listener", "tick", {}), std::logic_error, [](const auto& e) {
        return std::string(e.what()) ==
               "module my.example registers 'my.example.tick' as a listener, but module "
               "my.example registered a schedule of that name";
    });
    BOOST_TEST(all.find("my.example.tick")->kind == "schedule");
}

BOOST_AUTO_TEST_SUITE_END()
