#include <aio/command/event.hpp>
#include <aio/config/options.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>

using aio::command::event;
using aio::command::event_data;
using aio::config::option_error;

namespace {

event with_options() {
    event_data data;
    data.name = "hello";
    data.arguments = {"a", "b"};
    data.options["times"] = std::int64_t{3};
    data.options["pause"] = aio::base::duration{std::chrono::milliseconds(5)};
    data.options["name"] = std::monostate{};
    return event(std::make_shared<const event_data>(std::move(data)));
}

bool says(const option_error& why, std::string_view part) {
    return std::string_view(why.what()).find(part) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(command_event)

BOOST_AUTO_TEST_CASE(options_come_in_their_type) {
    const event e = with_options();
    BOOST_TEST(e.option<int>("times") == 3);
    BOOST_TEST((e.option<aio::base::duration>("pause") == std::chrono::milliseconds(5)));
    BOOST_TEST(!e.find<std::string>("name"));
    BOOST_TEST(e.find<int>("times").value() == 3);
    BOOST_TEST(e.arguments().size() == 2u);
}

BOOST_AUTO_TEST_CASE(asking_wrongly_throws_and_says_how) {
    const event e = with_options();
    BOOST_CHECK_EXCEPTION((void)e.option<int>("nope"), option_error, [](const auto& why) {
        return says(why, "option 'nope' of command 'hello' is not declared");
    });
    BOOST_CHECK_EXCEPTION((void)e.find<int>("nope"), option_error, [](const auto& why) {
        return says(why, "is not declared");
    });
    BOOST_CHECK_EXCEPTION((void)e.option<bool>("times"), option_error, [](const auto& why) {
        return says(why, "is declared as");
    });
    BOOST_CHECK_EXCEPTION((void)e.option<std::string>("name"), option_error, [](const auto& why) {
        return says(why, "was not given and has no default");
    });
}

BOOST_AUTO_TEST_SUITE_END()
