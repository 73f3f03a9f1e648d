// How a process is told to stop, and what becomes of one that does not.

#include "world.hpp"

#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>

using namespace std::chrono_literals;

namespace {

using seconds = std::chrono::duration<double>;

std::chrono::steady_clock::time_point now() {
    return std::chrono::steady_clock::now();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stop_of_a_process, test::world)

BOOST_AUTO_TEST_CASE(it_is_told_by_its_stop_signal) {
    run("shell = yes\nstop_signal = USR1\n"
        "command = trap 'echo told; exit 0' USR1; echo ready; while :; do sleep 0.01; done",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            BOOST_TEST(it().unfinished().at(0) == fmt::format("pid {} (/bin/sh) runs", pid()));
            it().begin_stop();
            it().begin_stop();
            BOOST_TEST(
                it().unfinished().at(0).find("(/bin/sh) was sent SIGUSR1, told to stop ") !=
                std::string::npos
            );
            co_await it().wait_stopped();
            BOOST_TEST(app.logged("stdout: told") == 1u);
            BOOST_TEST(app.crashes.empty());
            BOOST_TEST(app.ends.empty());
        });
}

BOOST_AUTO_TEST_CASE(one_that_does_not_listen_is_killed_after_stop_timeout) {
    run("shell = yes\nstop_timeout = 200ms\n"
        "command = trap '' TERM; echo ready; while :; do sleep 0.01; done",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            const auto begun = now();
            co_await stop();
            BOOST_TEST(seconds(now() - begun).count() >= 0.2);
            BOOST_TEST(app.logged("was sent SIGTERM, told to stop 200ms ago: it is killed") <= 1u);
            BOOST_TEST(app.logged("it is killed") == 1u);
            BOOST_TEST(it().last_ending()->signal == SIGKILL);
            BOOST_TEST(app.crashes.empty());
        });
}

BOOST_AUTO_TEST_CASE(cancelled_it_is_killed_at_once) {
    run("shell = yes\ncommand = trap '' TERM; echo ready; while :; do sleep 0.01; done",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            it().begin_stop();
            it().cancel();
            co_await it().wait_stopped();
            BOOST_TEST(it().last_ending()->signal == SIGKILL);
        });
}

BOOST_AUTO_TEST_CASE(one_that_is_suspended_is_told_too) {
    run("command = sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        ::kill(pid(), SIGSTOP);
        co_await stop();
        BOOST_TEST(it().last_ending()->signal == SIGTERM);
    });
}

BOOST_AUTO_TEST_CASE(a_daemon_of_its_own_does_not_hold_up_the_stop) {
    const aio::testing::temporary_folder folder;
    run("shell = yes\ncommand = setsid sh -c 'echo $$$$; exec sleep 1000' & exec sleep 1000",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ");
            const std::string line = app.lines.back();
            const pid_t daemon = std::stoi(line.substr(line.rfind(' ') + 1));
            co_await stop(); // though the daemon holds the pipes
            BOOST_TEST(test::runs(daemon));
            ::kill(daemon, SIGKILL);
        });
}

BOOST_AUTO_TEST_CASE(a_daemon_does_not_hold_up_the_end) {
    run("shell = yes\ncommand = setsid sh -c 'echo $$$$; exec sleep 1000' & sleep 0.1",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_TEST(app.ends.size() == 1u);
            co_await until_logged("stdout: ");
        });
    for (const std::string& line : app.lines)
        if (line.find("stdout: ") != line.npos)
            ::kill(std::stoi(line.substr(line.rfind(' ') + 1)), SIGKILL);
}

BOOST_AUTO_TEST_CASE(its_group_goes_with_it) {
    run("shell = yes\ncommand = sleep 1000 & echo $$!; trap '' TERM; wait; wait; sleep 1000",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ");
            const std::string line = app.lines.back();
            const pid_t member = std::stoi(line.substr(line.rfind(' ') + 1));
            ::kill(pid(), SIGKILL);
            co_await it().wait_stopped();
            co_await until([&] { return !test::runs(member); });
            BOOST_TEST(app.crashes.size() == 1u);
        });
}

// What was started in the background by a shell: the shell dies of the signal.
BOOST_AUTO_TEST_CASE(its_group_has_the_time_of_the_stop) {
    run("shell = yes\nstop_timeout = 20s\n"
        "command = sh -c \"trap 'sleep 0.3; echo saved; exit' TERM; echo ready; "
        "while :; do sleep 0.01; done\"; echo bye",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            const pid_t group = pid();
            co_await stop();
            BOOST_TEST(app.logged("stdout: saved") == 1u);
            BOOST_TEST(app.logged("has ended, other processes of its group have not") == 1u);
            BOOST_TEST(app.logged("it is killed") == 0u);
            BOOST_TEST(it().last_ending()->signal == SIGTERM);
            co_await until([&] { return ::kill(-group, 0) == -1; }); // init waits for its orphans
        });
}

BOOST_AUTO_TEST_CASE(a_group_that_does_not_listen_is_killed_after_stop_timeout) {
    run("shell = yes\nstop_timeout = 300ms\n"
        "command = sh -c \"trap '' TERM; echo ready; while :; do sleep 0.01; done\"; echo bye",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            const pid_t group = pid();
            const auto begun = now();
            it().begin_stop();
            co_await until_logged("has ended, other processes of its group have not");
            BOOST_TEST(it().unfinished().at(0).starts_with("the rest of the group of pid "));
            co_await it().wait_stopped();
            BOOST_TEST(seconds(now() - begun).count() >= 0.3);
            BOOST_TEST(app.logged("it is killed") == 1u);
            co_await until([&] { return ::kill(-group, 0) == -1; });
        });
}

BOOST_AUTO_TEST_CASE(the_loop_rests_while_a_group_outlives_its_leader) {
    run("shell = yes\n"
        "command = sh -c \"trap '' TERM; echo ready; while :; do sleep 1; done\"; echo bye",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            it().begin_stop();
            co_await until_logged("has ended, other processes of its group have not");
            const std::uint32_t before = aio::net::poller::of(at).turn();
            co_await aio::sleep(250ms);
            BOOST_TEST(aio::net::poller::of(at).turn() - before < 20u);
            it().cancel();
            co_await it().wait_stopped();
        });
}

BOOST_AUTO_TEST_CASE(many_that_end_one_by_one_in_a_stop_share_the_looks_at_their_groups) {
    // Each child ends after a time of its own.
    run("shell = yes\ncount = 12\n"
        "command = trap 'sleep 0.0$$AIO_PROCESS_INDEX; exit' TERM; echo ready; "
        "while :; do sleep 0.01; done",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready", 12);
            co_await stop();
            BOOST_TEST(app.logged("other processes of its group have not") == 0u);
            BOOST_TEST(app.logged("it is killed") == 0u);
            BOOST_TEST(app.crashes.empty());
            BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
        });
}

namespace {

/// A process that follows another one, and does not learn of its end.
struct debugger {
    explicit debugger(pid_t followed) {
        std::array<int, 2> ends{};
        BOOST_REQUIRE(::pipe(ends.data()) == 0);
        pid = ::fork();
        if (pid == 0) {
            const char seized = ::ptrace(PTRACE_SEIZE, followed, nullptr, nullptr) == 0;
            for ([[maybe_unused]] const auto sent = ::write(ends[1], &seized, 1);;)
                ::pause();
        }
        char answer = 0;
        follows = ::read(ends[0], &answer, 1) == 1 && answer != 0;
        ::close(ends[0]);
        ::close(ends[1]);
    }

    ~debugger() { go(); }

    void go() {
        if (pid <= 0)
            return;
        ::kill(pid, SIGKILL);
        ::waitpid(std::exchange(pid, 0), nullptr, 0);
    }

    pid_t pid = 0;
    bool follows = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(the_loop_rests_while_a_debugger_keeps_the_end_of_a_process) {
    run("command = sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        debugger other(pid());
        if (!other.follows)
            BOOST_TEST_MESSAGE("skipped: the system lets no process follow another one");
        const int end = static_cast<int>(::syscall(SYS_pidfd_open, pid(), 0U));
        ::kill(pid(), SIGKILL);
        ::pollfd ended{end, POLLIN, 0};
        BOOST_REQUIRE(::poll(&ended, 1, 60'000) == 1);
        ::close(end);
        const std::uint32_t before = aio::net::poller::of(at).turn();
        co_await aio::sleep(150ms);
        BOOST_TEST(aio::net::poller::of(at).turn() - before < 20u);
        BOOST_TEST(app.crashes.empty() == other.follows);
        other.go();
        const auto let_go = now();
        co_await it().wait_stopped();
        BOOST_TEST(seconds(now() - let_go).count() < 5); // not the ten of a look for SIGSTOP
        BOOST_TEST(app.crashes.size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(cancelled_a_group_is_killed_at_once) {
    run("shell = yes\n"
        "command = sh -c \"trap '' TERM; echo ready; while :; do sleep 0.01; done\"; echo bye",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ready");
            it().begin_stop();
            co_await until_logged("has ended, other processes of its group have not");
            const pid_t group = pid();
            it().cancel();
            co_await it().wait_stopped();
            co_await until([&] { return ::kill(-group, 0) == -1; });
        });
}

BOOST_AUTO_TEST_CASE(without_stop_group_the_others_live_on) {
    run("shell = yes\nstop_group = no\ncommand = sleep 1000 & echo $$!; exec sleep 1000",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await until_logged("stdout: ");
            const std::string line = app.lines.back();
            const pid_t member = std::stoi(line.substr(line.rfind(' ') + 1));
            co_await stop();
            BOOST_TEST(test::runs(member));
            ::kill(member, SIGKILL);
        });
}

BOOST_AUTO_TEST_CASE(one_that_fails_stops_the_others) {
    run("count = 3\ncommand = sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        ::kill(it().pids().at(1), SIGKILL);
        co_await it().wait_stopped();
        BOOST_TEST(app.crashes.size() == 1u);
        BOOST_TEST(app.logged("was killed by SIGKILL") == 1u);
        BOOST_TEST(app.logged("was killed by SIGTERM") == 2u);
        co_await it().start();
        BOOST_TEST(it().pids().size() == 3u);
        co_await stop();
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_is_cancelled_leaves_nothing) {
    run("count = 20\ncommand = sleep 1000", [&]() -> aio::task<void> {
        aio::async::task_group group(at, "test", [](std::string_view, std::exception_ptr) {});
        group.spawn("start", it().start());
        group.cancel();
        co_await group.join();
        if (!it().pids().empty())
            co_await stop();
        BOOST_TEST(it().pids().empty());
        BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    });
}

// Its own loop turns; the main one, where the child is made, does not yet.
BOOST_AUTO_TEST_CASE(a_stop_overtakes_a_start) {
    BOOST_REQUIRE(plan("command = sleep 1000") == "");
    aio::base::diagnostics none;
    aio::async::loop other("other", 1);
    auto one = make_at(other, none);
    aio::async::task_group group(other, "test", [&](std::string_view, std::exception_ptr why) {
        app.crashed("start", why);
    });
    other.post([&] {
        group.spawn("start", one->start());
        one->begin_stop();
        one->cancel();
        group.spawn("wait", one->wait_stopped());
        BOOST_TEST(group.size() == 2u);
    });
    other.poll();
    at.poll();
    test::run(other, [&]() -> aio::task<void> { co_await group.join(); });
    BOOST_TEST(
        app.crashes ==
        std::vector<std::string>{"start: Process(x) failed to start: it was stopped meanwhile"}
    );
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    one.reset();
}

BOOST_AUTO_TEST_CASE(waiting_can_be_cancelled_and_done_again) {
    run("command = sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        aio::async::task_group group(at, "test", [](std::string_view, std::exception_ptr) {});
        group.spawn("wait", it().wait_stopped());
        group.cancel();
        co_await group.join();
        BOOST_TEST(test::runs(pid()));
        co_await stop();
    });
}

BOOST_AUTO_TEST_CASE(report_prc_4_one_that_ends_by_its_signal_when_the_app_stops_has_not_crashed) {
    run("command = sleep 1000\nrestart = always\n", [&]() -> aio::task<void> {
        co_await it().start();
        ::kill(pid(), SIGTERM);
        co_await until([this] { return it().pids().empty(); });
        BOOST_TEST(app.logged("was killed by SIGTERM") == 0u); // it is not decided yet
        app.stops = true;
        co_await until([this] { return !app.ends.empty(); });
        BOOST_TEST(app.crashes.empty());
        BOOST_TEST(app.logged("INFO aio Process(x) pid") == 1u);
        co_await stop();
    });
}

BOOST_AUTO_TEST_CASE(report_prc_4_a_stop_that_follows_decides_at_once) {
    run("command = sleep 1000\ncount = 2\nrestart = always\n", [&]() -> aio::task<void> {
        co_await it().start();
        for (const pid_t each : it().pids())
            ::kill(each, SIGINT);
        co_await until([this] { return it().pids().empty(); });
        const auto before = now();
        co_await stop();
        BOOST_TEST(seconds(now() - before).count() < 0.4);
        BOOST_TEST(app.crashes.empty());
        BOOST_TEST(app.logged("starts again") == 0u);
        BOOST_TEST(app.logged("was killed by SIGINT") == 2u);
    });
}

BOOST_AUTO_TEST_CASE(report_prc_4_without_a_stop_it_is_a_crash_a_moment_later) {
    run("command = sleep 1000\n", [&]() -> aio::task<void> {
        co_await it().start();
        ::kill(pid(), SIGTERM);
        co_await it().wait_stopped();
        BOOST_REQUIRE(app.crashes.size() == 1u);
        BOOST_TEST(app.crashes[0].ends_with("was killed by SIGTERM"));
    });
}

BOOST_AUTO_TEST_CASE(report_prc_5_one_that_is_held_still_says_so) {
    run("command = sleep 1000\n", [&]() -> aio::task<void> {
        co_await it().start();
        ::kill(pid(), SIGSTOP);
        const std::string said = fmt::format("pid {} (sleep) is stopped by SIGSTOP", pid());
        co_await until([&] { return it().unfinished().at(0) == said; });
        ::kill(pid(), SIGCONT);
        const std::string then = fmt::format("pid {} (sleep) runs", pid());
        co_await until([&] { return it().unfinished().at(0) == then; });
        ::kill(pid(), SIGSTOP);
        co_await stop();
        BOOST_TEST(it().last_ending()->signal == SIGTERM);
    });
}

namespace {

/// Time that the test moves, in a world whose processes are real.
struct timed_world {
    aio::async::virtual_clock time{aio::async::virtual_clock::moves::by_hand};
    test::world inside{time};

    timed_world() {
        BOOST_REQUIRE(inside.plan("command = sleep 1000") == "");
        test::run(inside.at, [this]() -> aio::task<void> { co_await inside.it().start(); });
    }

    ~timed_world() {
        inside.it().begin_stop();
        inside.it().cancel();
        for (int i = 0; i < 30'000 && !inside.it().pids().empty(); ++i) {
            inside.at.poll();
            ::usleep(1000);
        }
    }

    void send(int signal, int then) {
        const pid_t pid = inside.pid();
        ::kill(pid, signal);
        siginfo_t how{};
        BOOST_REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &how, then | WNOWAIT) == 0);
        time.advance(10s);
        test::run(inside.at, [this]() -> aio::task<void> { co_await time.settle(); });
    }

    std::size_t logged(std::string_view part) { return inside.app.logged(std::string(part)); }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(one_that_is_held_still_and_goes_on_is_logged, timed_world) {
    send(SIGSTOP, WSTOPPED);
    BOOST_TEST(logged("is stopped by SIGSTOP") == 1u);
    send(SIGCONT, WCONTINUED);
    BOOST_TEST(logged(" goes on") == 1u);
    send(SIGSTOP, WSTOPPED);
    BOOST_TEST(logged("is stopped by SIGSTOP") == 2u);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_killed_while_it_is_held_still_does_not_go_on, timed_world) {
    send(SIGSTOP, WSTOPPED);
    BOOST_TEST(logged("is stopped by SIGSTOP") == 1u);
    send(SIGKILL, WEXITED);
    BOOST_TEST(logged(" goes on") == 0u);
    BOOST_TEST(logged("was killed by SIGKILL") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
