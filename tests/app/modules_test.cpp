#include <aio/app/modules.hpp>
#include <aio/module.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

using namespace aio;

namespace {

void nothing() {}

struct cache : service_base {};

task<void> talk(stream) {
    co_return;
}

/// What is said of a module that registers so.
template <typename Register>
std::string said_of(Register registers) {
    const module::entry one{sizeof(module::entry), "my", registers};
    module::registry items;
    try {
        app::set_up(one, items);
    } catch (const std::logic_error& e) {
        return e.what();
    }
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_modules)

BOOST_AUTO_TEST_CASE(an_option_of_aios_own_name_is_refused) {
    BOOST_TEST(
        said_of(+[](module_builder& to) { to.schedule("tick", nothing).option("restart", 1); }) ==
        "'my.tick' declares the option 'restart', which is aio's own in every [schedule/NAME]"
    );
    BOOST_TEST(
        said_of(+[](module_builder& to) { to.service<cache>("cache").option("class", "x"); }) ==
        "'my.cache' declares the option 'class', which is aio's own in every [service/NAME]"
    );
    BOOST_TEST(
        said_of(+[](module_builder& to) { to.bean("one", nothing).option("core", "x"); }) ==
        "'my.one' declares the option 'core', which is aio's own in every [bean/NAME]"
    );
    BOOST_TEST(
        said_of(+[](module_builder& to) { to.protocol("talk", talk).option("port", 1); }) ==
        "'my.talk' declares the option 'port', which is aio's own in every [server/NAME]"
    );
}

BOOST_AUTO_TEST_CASE(a_function_that_is_not_there_is_refused_when_it_is_registered) {
    const std::string wrong = "the function is a null pointer or an empty std::function";
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.schedule("x", static_cast<void (*)()>(nullptr));
               }) == wrong);
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.listener("x", std::function<void(signal_event)>());
               }) == wrong);
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.bean("x", std::function<void()>());
               }) == wrong);
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.protocol("x", std::function<task<void>(stream)>());
               }) == wrong);
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.command("x", std::function<int(command_event)>());
               }) == wrong);
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.log_handler("x", log::make_sink());
               }) == wrong);
}

BOOST_AUTO_TEST_CASE(a_default_that_no_option_can_hold_is_refused) {
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.schedule("x", nothing).option("limit", std::uint64_t(-1));
               }) == "the default of option 'limit' of 'my.x' is no 64-bit signed number");
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.schedule("x", nothing).option("text", static_cast<const char*>(nullptr));
               }) == "an option's default is a null pointer");
}

BOOST_AUTO_TEST_CASE(every_other_name_is_theirs) {
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.schedule("tick", nothing).option("port", 1).option("class", "x");
                   to.service<cache>("cache").option("every", 1).option("port", 1);
               }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
