// Several processes of one section: one of them dies.

#include "../support/few_descriptors.hpp"
#include "world.hpp"

#include <aio/async/task_group.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

const std::string quick = "supervisor = s\n[supervisor/s]\nbackoff = 1ms\nbackoff_max = 1ms\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(several_processes, test::world)

BOOST_AUTO_TEST_CASE(one_that_dies_starts_again_alone) {
    run("count = 3\ncommand = sleep 1000\n" + quick, [&]() -> aio::task<void> {
        co_await it().start();
        const auto before = it().pids();
        ::kill(before.at(1), SIGKILL);
        co_await until_logged("Process(x[1]) sleep started with pid ", 2);
        const auto after = it().pids();
        BOOST_TEST(after.size() == 3u);
        BOOST_TEST(after[0] == before[0]);
        BOOST_TEST(after[1] != before[1]);
        BOOST_TEST(after[2] == before[2]);
        BOOST_TEST(
            app.logged(fmt::format(
                "WARNING aio Process(x[1]) pid {} was killed by SIGKILL; it starts again in 1ms (1 "
                "of 5 within 10s)",
                before[1]
            )) == 1u
        );
        const auto counted = it().statistics();
        BOOST_TEST(counted[0].value == 3); // running
        BOOST_TEST(counted[1].value == 4); // started
        BOOST_TEST(counted[2].value == 1); // failed
        co_await stop();
        BOOST_TEST(app.crashes.empty());
        BOOST_TEST(app.ends.empty());
    });
}

BOOST_AUTO_TEST_CASE(one_that_keeps_dying_is_the_crash_of_all) {
    run("count = 2\nshell = yes\ncommand = [ $$AIO_PROCESS_INDEX = 1 ] && exit 3; exec sleep "
        "1000\n" +
            quick + "max_restarts = 4\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_REQUIRE(app.crashes.size() == 1u);
            BOOST_TEST_INFO(app.crashes[0]);
            BOOST_TEST(app.crashes[0].starts_with(
                "process/x: x[1]: Max restarts exceeded (4 within 10s): pid "
            ));
            BOOST_TEST(app.crashes[0].ends_with("exited with status 3"));
            BOOST_TEST(app.logged("Process(x[1]) /bin/sh started") == 5u);
            BOOST_TEST(app.logged("Process(x[0]) /bin/sh started") == 1u);
            BOOST_TEST(it().pids().empty());
            co_await it().start(); // as its supervisor does
            co_await it().wait_stopped();
            BOOST_TEST(app.logged("Process(x[1]) /bin/sh started") == 10u);
        });
}

BOOST_AUTO_TEST_CASE(an_error_while_one_starts_again_is_heard) {
    const aio::testing::temporary_folder folder;
    std::filesystem::copy_file("/bin/sleep", folder / "s");
    run("count = 2\ncommand = " + (folder / "s") + " 1000\n" + quick + "max_restarts = 1\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            std::filesystem::remove(folder / "s"); // so it cannot start again
            app.refuse_a_crash = true;
            ::kill(pid(), SIGKILL);
            co_await it().wait_stopped();
            co_await until([&] { return !app.crashes.empty(); });
            BOOST_TEST(app.crashes.at(0) == "process/x: no room for a crash");
        });
}

BOOST_AUTO_TEST_CASE(with_always_one_that_ends_well_starts_again_alone) {
    run("count = 2\nshell = yes\nrestart = always\n"
        "command = [ $$AIO_PROCESS_INDEX = 1 ] && exit 0; exec sleep 1000\n" +
            quick + "max_restarts = 2\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_TEST(app.logged("exited with status 0; it starts again") == 2u);
            BOOST_TEST(app.crashes.size() == 1u);
        });
}

BOOST_AUTO_TEST_CASE(a_strategy_that_names_others_sees_the_crash_of_one) {
    run("count = 2\ncommand = sleep 1000\n" + quick + "strategy = one_for_all\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            ::kill(it().pids().at(1), SIGKILL);
            co_await it().wait_stopped();
            BOOST_TEST(app.crashes.size() == 1u);
            BOOST_TEST(app.logged("it starts again") == 0u);
        });
}

BOOST_AUTO_TEST_CASE(a_stop_in_the_back_off_is_at_once) {
    run("count = 2\ncommand = sleep 1000\nsupervisor = s\n[supervisor/s]\nbackoff = 1000s\n"
        "backoff_max = 1000s\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            ::kill(it().pids().at(0), SIGKILL);
            ::kill(it().pids().at(1), SIGKILL);
            co_await until_logged("it starts again", 2);
            BOOST_TEST(app.crashes.empty());
            co_await stop();
            BOOST_TEST(app.ends.empty());
            BOOST_TEST(app.crashes.empty());
            co_await it().start();
            ::kill(it().pids().at(0), SIGKILL);
            co_await until_logged("it starts again", 3);
            it().begin_stop();
            it().cancel();
            co_await it().wait_stopped();
            BOOST_TEST(it().pids().empty());
        });
}

BOOST_AUTO_TEST_CASE(killed_at_random_there_are_always_as_many) {
    std::minstd_rand random(3);
    run("count = 4\ncommand = sleep 1000\n" + quick + "max_restarts = 1000\n",
        [&]() -> aio::task<void> {
            co_await it().start();
            std::set<pid_t> seen;
            for (std::size_t i = 1; i <= 100; ++i) {
                co_await until([&] { return it().pids().size() == 4u; });
                const pid_t victim = it().pids().at(random() % 4);
                BOOST_TEST(seen.insert(victim).second);
                ::kill(victim, SIGKILL);
                co_await until_logged("was killed by SIGKILL", i);
            }
            co_await until([&] { return it().pids().size() == 4u; });
            co_await stop();
            BOOST_TEST(app.crashes.empty());
            for (const pid_t one : seen)
                BOOST_TEST(!test::exists(one));
        });
}

namespace {

/// A unit on a loop of its own. Each child is made when the main loop is given a turn, so the test
/// decides what happens between two of them.
struct step_by_step : test::world {
    aio::async::loop other{"other", 1};
    std::unique_ptr<aio::service::unit> unit;
    aio::async::task_group group{other, "test", [this](std::string_view, std::exception_ptr why) {
                                     app.crashed("start", why);
                                 }};

    void begin(const std::string& options) {
        BOOST_REQUIRE(plan(options) == "");
        aio::base::diagnostics none;
        unit = make_at(other, none);
        other.post([this] { group.spawn("start", unit->start()); });
        other.poll();
    }

    void make_child_until_logged(const std::string& part) {
        at.poll();
        for (int i = 0; i < 30'000 && app.logged(part) == 0; ++i) {
            other.poll();
            std::this_thread::sleep_for(1ms);
        }
        BOOST_REQUIRE(app.logged(part) == 1u);
    }

    /// Makes the last child, and waits until the start is over.
    void finish() {
        at.poll();
        test::run(other, [this]() -> aio::task<void> { co_await group.join(); });
    }
};

const std::string first_fails = "count = 3\nshell = yes\n"
                                "command = [ $$AIO_PROCESS_INDEX = 0 ] && exit 3; ";

} // namespace

BOOST_FIXTURE_TEST_CASE(one_that_fails_while_others_start_is_not_forgotten, step_by_step) {
    begin(first_fails + "[ $$AIO_PROCESS_INDEX = 1 ] || exec sleep 1000");
    make_child_until_logged("Process(x[0]) pid ");
    make_child_until_logged("Process(x[1]) pid ");
    finish();
    BOOST_REQUIRE(app.crashes.size() == 1u);
    BOOST_TEST(app.crashes[0].ends_with("exited with status 3"));
    unit.reset();
}

BOOST_FIXTURE_TEST_CASE(a_start_that_fails_sends_the_others_their_stop_signal, step_by_step) {
    begin(
        first_fails + "trap 'echo told; exit 0' USR1; echo ready; while :; do sleep 0.01; done\n"
                      "stop_signal = USR1\n"
    );
    make_child_until_logged("Process(x[0]) pid ");
    make_child_until_logged("[1] stdout: ready");
    finish();
    BOOST_REQUIRE(app.crashes.size() == 1u);
    BOOST_TEST(app.crashes[0].ends_with("exited with status 3"));
    BOOST_TEST(app.logged("[1] stdout: told") == 1u);
    BOOST_TEST(app.logged("was killed by SIGKILL") == 0u);
    unit.reset();
}

BOOST_FIXTURE_TEST_CASE(a_start_that_is_cancelled_sends_them_their_stop_signal, step_by_step) {
    begin("count = 3\nshell = yes\n"
          "command = trap 'echo told; exit 0' TERM; echo ready; while :; do sleep 0.01; done\n");
    make_child_until_logged("[0] stdout: ready");
    group.cancel();
    finish();
    BOOST_TEST(app.logged("[0] stdout: told") == 1u);
    BOOST_TEST(app.logged("x[0]) pid") == 1u);
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    unit.reset();
}

BOOST_FIXTURE_TEST_CASE(a_start_that_fails_kills_who_ignores_its_stop_signal, step_by_step) {
    begin(
        first_fails + "trap '' TERM; echo ready; while :; do sleep 0.01; done\n"
                      "stop_timeout = 100ms\n"
    );
    make_child_until_logged("Process(x[0]) pid ");
    make_child_until_logged("[1] stdout: ready");
    finish();
    BOOST_TEST(app.logged("WARNING aio Process(x[1]) pid") == 1u);
    BOOST_TEST(app.logged("it is killed") >= 1u);
    BOOST_TEST(app.crashes.size() == 1u);
    unit.reset();
}

BOOST_FIXTURE_TEST_CASE(a_loop_that_cannot_watch_a_child_leaves_none, step_by_step) {
    begin("command = sleep 1000");
    const int lowest = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
    ::close(lowest);
    at.poll(); // makes the child; the unit's loop has no poller yet
    {
        const test::few_descriptors none(static_cast<rlim_t>(lowest));
        test::run(other, [this]() -> aio::task<void> { co_await group.join(); });
    }
    BOOST_REQUIRE(app.crashes.size() == 1u);
    BOOST_TEST_INFO(app.crashes[0]);
    BOOST_TEST(app.crashes[0].starts_with("start: Process(x) failed to start: "));
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    unit.reset();
}

BOOST_AUTO_TEST_SUITE_END()
