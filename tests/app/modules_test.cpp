#include <aio/app/modules.hpp>
#include <aio/module.hpp>

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_CASE(every_other_name_is_theirs) {
    BOOST_TEST(said_of(+[](module_builder& to) {
                   to.schedule("tick", nothing).option("port", 1).option("class", "x");
                   to.service<cache>("cache").option("every", 1).option("port", 1);
               }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
