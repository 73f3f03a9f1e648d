#include <aio/server/trouble.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace aio::server;
using namespace std::chrono_literals;

namespace {

enum class event { first, another, success, quiet, no_run };

struct step {
    event what;
    std::chrono::seconds when;
    std::string_view said; ///< "" nothing, "cannot 0" with the number left out, "again 3"
};

std::string shown(const char* word, std::optional<std::size_t> number) {
    return number ? word + std::to_string(*number) : "";
}

std::string said_at(trouble& log, const step& each) {
    switch (each.what) {
    case event::first:
        return shown("cannot ", log.failed(each.when, trouble::failure::first));
    case event::another:
        return shown("cannot ", log.failed(each.when, trouble::failure::another));
    case event::success:
        return shown("again ", log.ended(trouble::run_end::success));
    case event::quiet:
        return shown("again ", log.ended(trouble::run_end::quiet));
    case event::no_run:
        return shown("again ", log.succeeded());
    }
    return {};
}

void check(const std::vector<step>& steps) {
    trouble log;
    for (std::size_t i = 0; i < steps.size(); ++i)
        BOOST_TEST(said_at(log, steps[i]) == steps[i].said, "step " << i);
}

} // namespace

BOOST_AUTO_TEST_SUITE(trouble_log)

BOOST_AUTO_TEST_CASE(one_socket_says_its_trouble_and_the_end) {
    check({
        {event::first, 0s, "cannot 0"},
        {event::another, 1s, ""},
        {event::success, 2s, "again 2"},
        {event::no_run, 3s, ""},
    });
}

BOOST_AUTO_TEST_CASE(the_end_is_said_when_no_socket_is_in_trouble) {
    check({
        {event::first, 0s, "cannot 0"},
        {event::first, 0s, ""},
        {event::success, 1s, ""},
        {event::another, 2s, ""},
        {event::first, 3s, ""},
        {event::success, 4s, ""},
        {event::success, 5s, "again 4"},
    });
}

BOOST_AUTO_TEST_CASE(silence_proves_nothing) {
    check({
        {event::first, 0s, "cannot 0"},
        {event::first, 0s, ""},
        {event::quiet, 1s, ""},
        {event::quiet, 2s, ""},
        {event::no_run, 9s, "again 2"},
        {event::no_run, 9s, ""},
    });
    check({
        {event::first, 0s, "cannot 0"},
        {event::first, 0s, ""},
        {event::success, 1s, ""}, // of the first one, and then the second one is silent
        {event::quiet, 2s, "again 2"},
    });
}

BOOST_AUTO_TEST_CASE(trouble_that_lasts_is_said_again_when_the_minute_is_over) {
    check({
        {event::first, 0s, "cannot 0"},
        {event::success, 1s, "again 1"},
        {event::first, 2s, ""},
        {event::another, 59s, ""},
        {event::another, 60s, "cannot 2"},
        {event::success, 61s, "again 3"},
    });
}

BOOST_AUTO_TEST_CASE(what_was_not_said_has_no_end) {
    check({
        {event::first, 0s, "cannot 0"},
        {event::success, 1s, "again 1"},
        {event::first, 2s, ""},
        {event::success, 3s, ""},
        {event::first, 61s, "cannot 1"},
        {event::success, 62s, "again 1"},
    });
}

BOOST_AUTO_TEST_CASE(dropped_datagrams_are_said_once_a_minute_with_their_number) {
    drops log;
    BOOST_TEST(!log.unsaid_until());
    BOOST_TEST(log.dropped(10s).value() == 1u);
    BOOST_TEST(!log.unsaid_until());
    BOOST_TEST(!log.dropped(11s));
    BOOST_TEST(!log.dropped(12s));
    BOOST_TEST((log.unsaid_until().value() == 70s));
    BOOST_TEST(!log.minute_over(69s));
    BOOST_TEST(log.minute_over(70s).value() == 2u);
    BOOST_TEST(!log.minute_over(200s));
    BOOST_TEST(log.dropped(200s).value() == 1u);
    BOOST_TEST(log.rest() == 0u);
    BOOST_TEST(!log.dropped(201s));
    BOOST_TEST(log.rest() == 1u);
    BOOST_TEST(log.rest() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
