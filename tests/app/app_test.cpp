#include <aio/app/app.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/net/dialing.hpp>
#include <aio/service/unit.hpp>
#include <aio/signal/bus.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/run_app.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using testing::app_options;
using testing::captured_log;

namespace {

const std::string quiet = "[logger_root]\nhandlers =\n";
const std::string echo_server =
    "[server/echo]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n";

std::size_t open_files() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t count(const captured_log& log, const std::string& text) {
    std::size_t found = 0;
    for (const std::string& line : log.texts())
        found += line.find(text) != std::string::npos;
    return found;
}

task<void> nothing(app::app&) {
    co_return;
}

task<bool> start_fails(app::app& tried) {
    try {
        co_await tried.start();
    } catch (const app::start_failed&) {
        co_return true;
    }
    co_return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_app)

BOOST_AUTO_TEST_CASE(case_56_a_server_is_found_by_name_with_its_real_port) {
    testing::run(quiet + echo_server, [](app::app& app) -> task<void> {
        const auto* server = app.find("server/echo");
        BOOST_REQUIRE(server);
        BOOST_REQUIRE(server->endpoints().size() == 1u);
        BOOST_TEST(server->endpoints()[0].starts_with("127.0.0.1:"));
        BOOST_TEST(server->endpoints()[0] != "127.0.0.1:0");
        BOOST_TEST(app.find("server/other") == nullptr);
        co_return;
    });
}

BOOST_AUTO_TEST_CASE(those_of_a_label_are_found) {
    const std::string tick = "every = 1h\nfunc = aio.examples.tick\n";
    testing::run(
        quiet + echo_server + "label = front\n[schedule/a]\nlabel = front\n" + tick +
            "[schedule/b]\nlabel = front\nenabled = no\n" + tick + "[schedule/c]\n" + tick,
        [](app::app& app) -> task<void> {
            const std::vector<std::string> front{"schedule/a", "server/echo"};
            BOOST_TEST(app.labelled("front") == front, boost::test_tools::per_element());
            BOOST_TEST(app.labelled("back").empty());
            BOOST_TEST(app.labelled("").empty());
            co_return;
        }
    );
}

BOOST_AUTO_TEST_CASE(case_67_signals_of_the_app_come_in_order) {
    captured_log log;
    testing::run(
        quiet + echo_server +
            "[listen/x]\naio-starting = aio.examples.print\naio-started = aio.examples.print\n",
        nothing,
        {},
        app_options(log)
    );
    BOOST_TEST(count(log, "Server(echo) aio.examples.echo started on 127.0.0.1:") == 1u);
}

BOOST_AUTO_TEST_CASE(a_hundred_starts_and_stops_leave_no_descriptor) {
    testing::run(quiet + echo_server, nothing); // what is made once is made now
    const std::size_t before = open_files();
    for (int i = 0; i < 100; ++i)
        testing::run(
            quiet + echo_server + "[schedule/t]\nevery = 1\nfunc = aio.examples.tick\n", nothing
        );
    BOOST_TEST(open_files() == before);
}

BOOST_AUTO_TEST_CASE(a_simulated_year_of_an_hourly_schedule_is_the_same_each_time) {
    const auto year = [] {
        captured_log log;
        testing::run(
            quiet + "[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\n",
            [](app::app&) -> task<void> { co_await sleep(24h * 365); },
            testing::virtual_time,
            app_options(log)
        );
        return log.texts();
    };
    const auto first = year();
    BOOST_TEST(first.size() > 365u * 24u);
    BOOST_TEST((first == year()));
}

BOOST_AUTO_TEST_CASE(services_start_after_what_they_depend_on) {
    testing::run(
        quiet + "[schedule/late]\nevery = 1\nfunc = aio.examples.tick\ndepends = server/echo\n" +
            echo_server,
        [](app::app& app) -> task<void> {
            const std::vector<std::string> expected{"server/echo", "schedule/late"};
            BOOST_TEST(app.services() == expected, boost::test_tools::per_element());
            co_return;
        }
    );
}

BOOST_AUTO_TEST_CASE(after_a_failed_start_the_stop_tells_that_it_failed) {
    testing::run(quiet + echo_server, [](app::app& outer) -> task<void> {
        const std::string address = outer.find("server/echo")->endpoints().front();
        const std::string taken = address.substr(address.rfind(':') + 1);
        app::app inner{app::configure(
            quiet +
            "[server/echo]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = " + taken
        )};
        BOOST_TEST(co_await start_fails(inner));
        BOOST_CHECK_THROW(co_await inner.start(), app::start_failed);
        BOOST_TEST((co_await inner.stop() == app::outcome::crashed));
        BOOST_TEST((co_await inner.stop() == app::outcome::crashed));
    });
}

BOOST_AUTO_TEST_CASE(told_to_stop_before_the_preparation_it_opens_no_log) {
    const testing::temporary_folder folder;
    app::app held(app::configure("[aio]\nlog_file = " + (folder / "x.log") + "\n" + echo_server));
    held.hold();
    async::loop main;
    BOOST_CHECK_THROW(held.prepare(main), app::start_failed);
    BOOST_TEST(!std::filesystem::exists(folder / "x.log"));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_asks_for_the_stop_before_anything_is_stopped) {
    testing::run(quiet, [](app::app& outer) -> task<void> {
        std::vector<std::string> happened;
        app::app inner{app::configure(quiet + echo_server)};
        inner.on_stop_asked([&] { happened.emplace_back("asked"); });
        inner.prepare(outer.main_loop());
        inner.signals().listen("aio-started", [] { throw std::runtime_error("boom"); });
        inner.signals().listen("aio-stopping", [&] { happened.emplace_back("stopping"); });
        BOOST_TEST(co_await start_fails(inner));
        BOOST_TEST(inner.stopping());
        co_await inner.stop_requested();
        inner.stop_soon();
        BOOST_TEST((co_await inner.stop() == app::outcome::crashed));
        const std::vector<std::string> order{"asked", "stopping"};
        BOOST_TEST(happened == order, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(what_was_never_started_stops_well) {
    testing::run(quiet, [](app::app&) -> task<void> {
        app::app other{app::configure(quiet + echo_server)};
        BOOST_TEST((co_await other.stop() == app::outcome::clean));
    });
}

BOOST_AUTO_TEST_CASE(the_graph_and_the_figures_of_a_running_app) {
    testing::run(
        quiet + "[supervisor/s]\n[schedule/t]\nevery = 1\nfunc = aio.examples.tick\n"
                "supervisor = s\n",
        [](app::app& app) -> task<void> {
            co_await sleep(2500ms);
            const service::graph drawn = co_await app.graph();
            BOOST_REQUIRE(drawn.nodes.size() == 2u);
            BOOST_TEST(drawn.nodes[0].name == "supervisor/s");
            BOOST_TEST(drawn.nodes[1].state == "running");
            BOOST_TEST(drawn.nodes[1].above == 0u);
            const auto counted = (co_await app.statistics()).units;
            BOOST_REQUIRE(counted.size() == 1u);
            BOOST_TEST(counted[0].name == "schedule/t");
            BOOST_TEST(counted[0].starts == 1u);
            BOOST_TEST(counted[0].own[0].name == "runs");
            BOOST_TEST(counted[0].own[0].value == 3);
        },
        testing::virtual_time
    );
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_restarted_is_told_of_by_signals) {
    captured_log log;
    testing::run(
        quiet + "[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\nrestart = on_failure\n",
        [](app::app& app) -> task<void> {
            const auto heard = std::make_shared<std::vector<std::string>>();
            const auto listening = app.signals().listen("service-*", [heard](signal::event of) {
                heard->push_back(of.name());
            });
            app.crashed("schedule/t", std::make_exception_ptr(std::runtime_error("boom")));
            co_await sleep(1s);
            const std::vector<std::string> expected{
                "service-crashed",
                "service-stopping",
                "service-stopped",
                "service-restarting",
                "service-starting",
                "service-started"
            };
            BOOST_TEST(*heard == expected, boost::test_tools::per_element());
            app.signals().unlisten(listening);
        },
        testing::virtual_time,
        app_options(log)
    );
    BOOST_TEST(count(log, "schedule/t crashed: boom; it starts again in") == 1u);
}

BOOST_AUTO_TEST_CASE(signals_are_among_the_figures) {
    testing::run(
        quiet + "[listen/x]\nhello = aio.examples.print\n",
        [](app::app& app) -> task<void> {
            co_await app.signals().emit("hello");
            co_await app.signals().emit("hello");
            co_await app.signals().emit("nobody-hears");
            const auto counted = (co_await app.statistics()).signals;
            const auto hello =
                std::ranges::find(counted, "hello", &signal::signal_statistics::name);
            BOOST_REQUIRE((hello != counted.end()));
            BOOST_TEST(hello->emits == 2u);
            BOOST_TEST(hello->deliveries == 2u);
        },
        testing::virtual_time
    );
}

BOOST_AUTO_TEST_CASE(a_blocked_loop_holds_up_neither_tasks_nor_graph_nor_figures) {
    testing::run(
        quiet + echo_server + "[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\nloop = own\n",
        [](app::app& app) -> task<void> {
            const auto unblock = std::make_shared<std::promise<void>>();
            app.watch_loops(
                [unblock](async::loop& one, pthread_t) {
                    one.post([unblock] { unblock->get_future().wait(); });
                },
                {}
            );
            const auto begun = std::chrono::steady_clock::now();
            const std::string tasks = co_await app.tasks();
            BOOST_TEST_INFO(tasks);
            BOOST_TEST(
                (tasks.find("loop schedule/t: does not answer, it is blocked\n") != tasks.npos)
            );
            BOOST_TEST((tasks.find(" tasks\n") != tasks.npos));
            const service::graph drawn = co_await app.graph();
            BOOST_TEST(drawn.nodes.size() == 2u);
            BOOST_TEST(drawn.silent == std::vector<std::string>{"schedule/t"});
            BOOST_TEST((
                service::as_text(drawn).find("loop schedule/t does not answer") != std::string::npos
            ));
            const auto counted = (co_await app.statistics()).units;
            BOOST_REQUIRE(counted.size() == 2u);
            for (const auto& one : counted) {
                BOOST_TEST(one.answered == (one.name == "server/echo"));
                BOOST_TEST(one.own.empty() == (one.name != "server/echo"));
                BOOST_TEST(one.starts == 1u);
            }
            BOOST_TEST((std::chrono::steady_clock::now() - begun < 10s));
            unblock->set_value();
        }
    );
}

BOOST_AUTO_TEST_CASE(clients_of_all_loops_share_the_resolver_of_the_app) {
    testing::run(quiet + "[aio]\nloops = 2\nresolver_cache = 0\n", [](app::app& app) -> task<void> {
        net::resolver* const shared = &net::dialing::of(app.main_loop()).resolver();
        for (async::loop* each : app.loops()) {
            const auto found =
                co_await async::on(*each, [each] { return &net::dialing::of(*each).resolver(); });
            BOOST_TEST(found == shared);
        }
        const auto opened = co_await app.open_loop("opened");
        BOOST_TEST((co_await async::on(*opened, [&] {
                       return &net::dialing::of(*opened).resolver();
                   })) == shared);
        BOOST_TEST((co_await shared->resolve("127.0.0.1", 80)).front().text() == "127.0.0.1:80");
    });
}

AIO_TEST_CASE(a_loop_that_outlives_its_app_has_a_resolver_of_its_own) {
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    const net::resolver* shared = nullptr;
    co_await testing::with_app(quiet, [&](app::app&) -> task<void> {
        shared = &net::dialing::of(here).resolver();
        co_return;
    });
    auto& own = net::dialing::of(here).resolver();
    BOOST_TEST((co_await own.resolve("127.0.0.1", 80)).front().text() == "127.0.0.1:80");
    BOOST_TEST(shared);
}

BOOST_AUTO_TEST_CASE(worker_threads_bounds_the_blocking_calls) {
    testing::run(
        quiet + "[aio]\nworker_threads = 2\n" + echo_server,
        [](app::app& app) -> task<void> {
            std::promise<void> go;
            const std::shared_future<void> gate = go.get_future().share();
            std::atomic<int> running{0}, most{0}, calls{0};
            const auto block = [&, gate] {
                const int now = ++running;
                for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                }
                ++calls;
                gate.wait();
                --running;
            };
            async::loop& here = app.main_loop();
            async::task_group kept(here, "test"), dropped(here, "test");
            for (int i = 0; i < 4; ++i)
                kept.spawn("call", app.workers().run(block));
            for (int i = 0; i < 3; ++i)
                dropped.spawn("call", app.workers().run(block));
            while (running < 2)
                co_await sleep(1ms);
            BOOST_TEST((co_await app.statistics()).calls_waiting == 5u);
            BOOST_TEST((co_await app.tasks()).find("a worker thread") != std::string::npos);
            dropped.cancel(); // none of them has begun
            co_await dropped.join();
            BOOST_TEST(app.workers().waiting() == 2u);
            go.set_value();
            co_await kept.join();
            BOOST_TEST(most == 2);
            BOOST_TEST(calls == 4);
            BOOST_TEST(app.workers().waiting() == 0u);
        }
    );
}

BOOST_AUTO_TEST_CASE(two_apps_live_in_one_process) {
    testing::run(quiet + echo_server, [](app::app& outer) -> task<void> {
        app::app inner{app::configure(quiet + echo_server)};
        co_await inner.start();
        BOOST_TEST(
            (inner.find("server/echo")->endpoints() != outer.find("server/echo")->endpoints())
        );
        BOOST_TEST((co_await inner.stop() == app::outcome::clean));
    });
}

BOOST_AUTO_TEST_SUITE_END()
