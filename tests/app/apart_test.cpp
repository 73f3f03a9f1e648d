// Children on loops of their own in a whole app, and the loops that an app opens while it runs.

#include "../net/peer.hpp"

#include <aio/app/app.hpp>
#include <aio/app/loop_threads.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/service/service.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/run_app.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using testing::app_options;
using testing::captured_log;

namespace {

const std::string chat = "[logger_root]\nhandlers =\n[service/app]\nclass = aio.examples.chat\n"
                         "websockets_port = 0\nweb_port = 0\n";

std::size_t entries(const char* folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

task<void> nothing(app::app&) {
    co_return;
}

std::size_t place_of(const std::vector<std::string>& lines, const std::string& text) {
    const auto found =
        std::ranges::find_if(lines, [&](const auto& one) { return one.find(text) != one.npos; });
    BOOST_REQUIRE_MESSAGE(found != lines.end(), text << " was not said");
    return static_cast<std::size_t>(found - lines.begin());
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_apart)

BOOST_AUTO_TEST_CASE(the_graph_shows_the_children_and_which_has_a_loop_of_its_own) {
    testing::run(chat, [](app::app& app) -> task<void> {
        const service::graph drawn = co_await app.graph();
        BOOST_REQUIRE(drawn.nodes.size() == 4u);
        const char* names[] = {
            "service/app", "service/app/websockets", "service/app/web", "service/app/users"
        };
        for (std::size_t i = 0; i < 4; ++i) {
            BOOST_TEST(drawn.nodes[i].name == names[i]);
            BOOST_TEST(drawn.nodes[i].state == "running");
        }
        for (std::size_t i = 1; i < drawn.nodes.size(); ++i) {
            BOOST_TEST(drawn.nodes[i].what.find("::") != std::string::npos, drawn.nodes[i].what);
            BOOST_TEST(drawn.nodes[i].restart == "with its parent");
        }
        BOOST_TEST(drawn.nodes[2].loop == "own");
        BOOST_TEST(drawn.nodes[1].loop == "");
        BOOST_TEST(drawn.nodes[3].above == 0u);
        const std::string text = co_await app.tasks();
        BOOST_TEST(text.find("loop service/app/web: ") != text.npos, text);
        BOOST_TEST(text.find("every 1s awaits sleep") != text.npos, text);
    });
}

BOOST_AUTO_TEST_CASE(each_child_has_figures_of_its_own_wherever_it_runs) {
    testing::run(chat, [](app::app& app) -> task<void> {
        const auto* root = app.find("service/app");
        BOOST_REQUIRE(root->children().size() == 3u);
        const auto exchange = [&](const service::unit* child, std::string text) -> task<void> {
            auto& it = const_cast<service::service&>(dynamic_cast<const service::service&>(*child));
            const auto at = co_await it.call([&it] { return it.endpoints().front(); });
            co_await app.workers().run([at, text] {
                support::peer one = support::peer::connect(at);
                if (!text.empty()) {
                    one.send(text);
                    BOOST_TEST(one.receive() == "hello " + text);
                } else {
                    BOOST_TEST(one.receive_all() == "1 users\n");
                }
            });
        };
        co_await exchange(root->children()[0], "Ozzy\n");
        co_await exchange(root->children()[1], "");
        const auto all = (co_await app.statistics()).units;
        const struct {
            const char* name;
            std::size_t received, sent;
        } expected[] = {
            {"service/app", 0, 0},
            {"service/app/websockets", 5, 11},
            {"service/app/web", 0, 8},
            {"service/app/users", 0, 0}
        };
        BOOST_REQUIRE(all.size() == std::size(expected));
        for (std::size_t i = 0; i < all.size(); ++i) {
            BOOST_TEST(all[i].name == expected[i].name);
            BOOST_TEST(all[i].starts == 1u);
            BOOST_TEST(all[i].restarts == 0u);
            BOOST_TEST(all[i].answered);
            BOOST_TEST(all[i].own.size() == (expected[i].sent != 0 ? 4u : 0u));
            if (all[i].own.size() != 4u)
                continue;
            BOOST_TEST(all[i].own[1].value == 1); // accepted
            BOOST_TEST(all[i].own[2].value == expected[i].received);
            BOOST_TEST(all[i].own[3].value == expected[i].sent);
        }
    });
}

BOOST_AUTO_TEST_CASE(the_tasks_name_every_child_and_whom_a_call_works_for) {
    testing::run(chat, [](app::app& app) -> task<void> {
        auto& web = const_cast<service::service&>(
            dynamic_cast<const service::service&>(*app.find("service/app")->children()[1])
        );
        async::task_group calls(app.main_loop(), "test");
        calls.spawn("call", [](service::service& of) -> task<void> {
            co_await of.call([] { return sleep(1h); });
        }(web));
        co_await sleep(50ms);
        const std::string text = co_await app.tasks();
        BOOST_TEST_INFO(text);
        const std::size_t at = text.find("\n    service/app/web, running\n");
        BOOST_REQUIRE(at != text.npos);
        const std::string below = text.substr(at, text.find("\n    service", at + 1) - at);
        BOOST_TEST_INFO(below);
        BOOST_TEST(
            below.find("\n        service/app/web: a call from loop test awaits sleep for 0.") !=
            text.npos
        );
        BOOST_TEST(
            below.find("service/app/web: a call from loop test awaits a call for 0.") != text.npos
        );
        for (const char* each : {"websockets", "users"})
            BOOST_TEST(
                text.find(std::string("\n    service/app/") + each + ", running\n") != text.npos
            );
        BOOST_TEST(text.find("\n awaits") == text.npos);
        BOOST_TEST(text.find(" awaits a foreign operation for 1") == text.npos);
        calls.cancel();
        co_await calls.join();
    });
}

BOOST_AUTO_TEST_CASE(its_thread_and_descriptors_go_with_the_app) {
    testing::run(chat, nothing); // what is made once is made now
    const std::size_t threads = entries("/proc/self/task");
    const std::size_t files = entries("/proc/self/fd");
    for (int i = 0; i < 20; ++i)
        testing::run(chat, nothing);
    BOOST_TEST(entries("/proc/self/task") == threads);
    BOOST_TEST(entries("/proc/self/fd") == files);
}

BOOST_AUTO_TEST_CASE(under_any_seed_all_start_and_stop_in_the_order_that_is_promised) {
    captured_log log;
    testing::simulate_options how(100);
    how.done = [&log](std::uint64_t seed, std::uint64_t) {
        const auto lines = log.texts();
        log.clear();
        const char* order[] = {
            "[^app]: Starting",
            "[^-websockets]: Starting",
            "[^-websockets]: Started",
            "[^-users]: Starting",
            "[^app]: Started",
            "removing expired users",
            "[^app]: Stopping",
            "[^-users]: Stopping",
            "[^-users]: Stopped",
            "[^-web]: Stopping",
            "[^-web]: Stopped",
            "[^-websockets]: Stopping",
            "[^-websockets]: Stopped",
            "[^app]: Stopped"
        };
        for (std::size_t i = 1; i < std::size(order); ++i)
            BOOST_TEST(
                place_of(lines, order[i - 1]) < place_of(lines, order[i]),
                order[i] << " too early, seed " << seed
            );
        BOOST_TEST(place_of(lines, "[^-web]: Started") < place_of(lines, "[^app]: Started"));
    };
    testing::simulate(
        chat,
        [](app::app& app) -> task<void> {
            const service::graph drawn = co_await app.graph();
            BOOST_TEST(drawn.nodes.size() == 4u);
            co_await sleep(1500ms);
        },
        how,
        app_options(log)
    );
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_opened_runs_until_nobody_has_it) {
    async::loop main;
    app::loop_threads all;
    int came = 0, gone = 0;
    all.beside(main);
    BOOST_CHECK_THROW(all.open("early"), std::logic_error);
    all.start([](std::exception_ptr) {});
    all.watch([&](async::loop&, pthread_t) { ++came; }, [&](async::loop&, pthread_t) { ++gone; });
    auto mine = all.open("x");
    BOOST_TEST(mine->name() == "x");
    BOOST_TEST(all.all().size() == 1u);
    std::atomic<bool> ran = false;
    mine->post([&] { ran = true; });
    while (!ran)
        std::this_thread::yield();
    std::thread([one = std::move(mine)] {}).join(); // let go of elsewhere
    BOOST_TEST(all.all().empty());
    while (all.size() != 0)
        main.poll();
    BOOST_TEST(came == 1);
    BOOST_TEST(gone == 1);
    const auto left = all.open("y");
    all.stop();
    BOOST_TEST(gone == 2);
    BOOST_CHECK_THROW(all.open("late"), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
