// What becomes of signals in a stop: nothing is lost, and nobody hangs it.

#include <aio/app/app.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/service/unit.hpp>
#include <aio/signal/bus.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using signal::event;

namespace {

const std::string text = "[aio]\nstop_timeout = 10\nloops = 2\n[logger_root]\nhandlers =\n"
                         "[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\n";

struct fixture {
    testing::captured_log log;
    std::unique_ptr<app::app> app;
    std::vector<std::string> heard;
    async::time_point begun{};

    task<void> start(std::string config = text) {
        app = std::make_unique<app::app>(app::configure(std::move(config)));
        log.attach(app->logs());
        co_await app->start();
    }

    signal::bus& bus() { return app->signals(); }

    task<app::outcome> stop() {
        begun = app->main_loop().time().now();
        co_return co_await app->stop();
    }

    base::duration took() const { return app->main_loop().time().now() - begun; }

    static signal::listen_options queue(std::string name) {
        signal::listen_options how;
        how.queue = 100;
        how.name = std::move(name);
        return how;
    }

    std::size_t logged(const std::string& part) const {
        std::size_t count = 0;
        for (const std::string& line : log.texts())
            count += line.find(part) != line.npos;
        return count;
    }

    std::string state_of_service() {
        return std::string(service::name(app->find("schedule/t")->state()));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(app_stop_signals)

AIO_FIXTURE_TEST_CASE(
    what_waits_in_queues_is_heard_while_services_run, fixture, testing::virtual_time
) {
    co_await start();
    bus().listen(
        "s",
        [this](event) -> task<void> {
            co_await sleep(1s);
            heard.push_back(state_of_service());
        },
        queue("slow")
    );
    for (int i = 0; i < 4; ++i)
        co_await bus().emit("s");
    BOOST_TEST((co_await stop() == app::outcome::clean));
    BOOST_TEST(heard == std::vector<std::string>(4, "running"), boost::test_tools::per_element());
    BOOST_TEST((took() >= 4s && took() < 5s));
    BOOST_TEST(logged("Waiting for 2 events for slow (signal 's'), which is at work") == 1u);
}

AIO_FIXTURE_TEST_CASE(
    what_services_cause_while_they_stop_is_heard_too, fixture, testing::virtual_time
) {
    co_await start();
    const auto slowly = [this](event what) -> task<void> {
        co_await sleep(1s);
        heard.push_back(what.name() + " " + what.data<std::string>());
        if (what.name() == "service-stopped")
            bus().post("after", std::string("it"));
    };
    bus().listen("service-stopping", slowly, queue("slow"));
    bus().listen("service-stopped", slowly, queue("slow"));
    async::loop& other = *app->loops()[1];
    auto there = queue("there");
    there.loop = &other;
    bus().listen(
        "after",
        [&](event) -> task<void> {
            co_await sleep(1s);
            heard.push_back(other.running_here() ? "there" : "elsewhere");
        },
        there
    );
    BOOST_TEST((co_await stop() == app::outcome::clean));
    BOOST_REQUIRE(heard.size() == 3u);
    BOOST_TEST(heard[0].ends_with("schedule/t"));
    BOOST_TEST(heard[1].ends_with("schedule/t"));
    BOOST_TEST(heard[2] == "there");
}

AIO_FIXTURE_TEST_CASE(what_was_posted_last_is_heard, fixture, testing::virtual_time) {
    co_await start();
    bus().listen("s", [this](event) -> task<void> {
        co_await sleep(3s);
        heard.push_back(state_of_service());
    });
    bus().listen("aio-stopped", [this] { heard.emplace_back("the end"); });
    bus().listen("aio-stopped", [this] { bus().post("last"); });
    bus().listen("last", [this] { heard.emplace_back("after it"); });
    bus().post("s");
    BOOST_TEST((co_await stop() == app::outcome::clean));
    const std::vector<std::string> all{"running", "the end", "after it"};
    BOOST_TEST(heard == all, boost::test_tools::per_element());
}

AIO_FIXTURE_TEST_CASE(
    a_listener_that_never_ends_is_named_and_cancelled, fixture, testing::virtual_time
) {
    co_await start();
    bus().listen("s", []() -> task<void> { co_await sleep(1000h); }, queue("slow"));
    for (int i = 0; i < 3; ++i)
        co_await bus().emit("s");
    std::string last_words;
    app->on_unfinished([&](std::string now) { last_words = std::move(now); });
    BOOST_TEST((co_await stop() == app::outcome::cut_short));
    BOOST_TEST(
        app->cut_off_hooks() ==
        "aio: 2 events for slow (signal 's'), which is at work: not heard, and lost, when the time "
        "for the stop was over\n"
    );
    BOOST_TEST((took() >= 8s && took() <= 10s));
    BOOST_TEST(logged("Waiting for 2 events for slow (signal 's'), which is at work") >= 7u);
    BOOST_TEST(
        logged("Lost, not heard in time: 2 events for slow (signal 's'), which is at work") == 1u
    );
    BOOST_TEST(logged("Error calling") == 0u);
    BOOST_TEST(last_words.find("aio: not heard: 2 events for slow") != last_words.npos);
    BOOST_TEST(bus().statistics().front().drops == 2u);
    BOOST_TEST(state_of_service() == "stopped");
}

AIO_FIXTURE_TEST_CASE(
    one_that_refuses_to_end_does_not_hang_the_stop, fixture, testing::virtual_time
) {
    co_await start();
    bus().listen(
        "s",
        [this]() -> task<void> {
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::disable_cancellation()
            );
            co_await sleep(1h);
            heard.emplace_back("at last");
        },
        queue("slow")
    );
    co_await bus().emit("s");
    BOOST_TEST((co_await stop() == app::outcome::unfinished));
    BOOST_TEST((took() >= 9s && took() <= 10s));
    BOOST_TEST(logged("Not over within the stop deadline: 0 events for slow (signal 's')") == 1u);
    BOOST_TEST(state_of_service() == "stopped");
    co_await sleep(2h); // the app has to outlive it
    BOOST_TEST(heard.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
