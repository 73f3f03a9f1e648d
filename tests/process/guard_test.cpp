// What becomes of the groups of children when nobody can stop them any more.

#include "world.hpp"

#include <aio/process/guard.hpp>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

using namespace std::chrono_literals;
using aio::process::guard;

namespace {

/// A process that leads a group and does nothing.
pid_t sleeper() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::setpgid(0, 0);
        for (;;)
            ::pause();
    }
    ::setpgid(pid, pid);
    return pid;
}

int signal_of(pid_t pid) {
    int status = 0;
    BOOST_TEST(::waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(guard_of_groups)

BOOST_AUTO_TEST_CASE(report_prc_3_it_kills_the_groups_that_are_left_when_the_line_ends) {
    const pid_t kept = sleeper(), removed = sleeper();
    {
        guard stands;
        BOOST_TEST(stands.stands());
        stands.add(kept);
        stands.add(removed);
        stands.remove(removed);
        aio::process::tell_guard(stands.descriptor(), 1); // never everybody
        aio::process::tell_guard(stands.descriptor(), 0);
    }
    BOOST_TEST(signal_of(kept) == SIGKILL);
    BOOST_TEST(::waitpid(removed, nullptr, WNOHANG) == 0);
    ::kill(removed, SIGTERM);
    BOOST_TEST(signal_of(removed) == SIGTERM);
}

BOOST_AUTO_TEST_CASE(it_is_no_child_of_ours) {
    const guard stands;
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
}

BOOST_AUTO_TEST_CASE(one_that_was_killed_is_replaced_and_its_groups_are_taken_over) {
    const pid_t left = sleeper();
    {
        aio::async::loop main;
        const auto first = guard::of(main);
        BOOST_TEST(guard::of(main) == first);
        first->add(left);
        ::shutdown(first->descriptor(), SHUT_WR); // it ends, as if killed, but kills the group
        BOOST_TEST(signal_of(left) == SIGKILL);
        while (first->stands())
            std::this_thread::yield();
        const pid_t other = sleeper();
        first->add(other);
        const auto second = guard::of(main);
        BOOST_TEST(second != first);
        BOOST_TEST(second->stands());
        BOOST_TEST(::waitpid(other, nullptr, WNOHANG) == 0);
        ::shutdown(second->descriptor(), SHUT_WR);
        BOOST_TEST(signal_of(other) == SIGKILL);
    }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_full_is_not_waited_for) {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both.data()) == 0);
    BOOST_TEST(aio::process::tell_guard(both[0], 7));
    while (aio::process::tell_guard(both[0], 7)) {
    }
    ::close(both[1]);
    BOOST_TEST(!aio::process::tell_guard(both[0], 7));
    ::close(both[0]);
}

BOOST_AUTO_TEST_CASE(one_that_is_stopped_until_its_line_is_full_is_killed_and_replaced) {
    const pid_t left = sleeper(), removed = sleeper();
    BOOST_REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); // so that the guard is a child of ours
    {
        aio::async::loop main;
        const auto first = guard::of(main);
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        std::ifstream children("/proc/thread-self/children");
        pid_t stopped = 0;
        for (pid_t each = 0; children >> each;)
            if (each != left && each != removed)
                stopped = each;
        BOOST_REQUIRE(stopped > 0);
        ::kill(stopped, SIGSTOP);
        BOOST_REQUIRE(::waitpid(stopped, nullptr, WUNTRACED) == stopped);
        first->add(removed);
        while (first->stands())
            first->add(left);
        BOOST_TEST(signal_of(stopped) == SIGKILL);
        BOOST_TEST(::waitpid(left, nullptr, WNOHANG) == 0);
        const auto second = guard::of(main);
        BOOST_TEST(second != first);
        BOOST_TEST(second->stands());
        first->remove(removed); // as a child does that was launched before
    }
    BOOST_TEST(signal_of(left) == SIGKILL);
    BOOST_TEST(::waitpid(removed, nullptr, WNOHANG) == 0);
    ::kill(removed, SIGTERM);
    BOOST_TEST(signal_of(removed) == SIGTERM);
}

// The copy of the line is held by a process that was forked and executes nothing.
BOOST_AUTO_TEST_CASE(it_kills_the_groups_although_another_process_holds_its_line) {
    const pid_t left = sleeper();
    std::array<int, 2> told{};
    BOOST_REQUIRE(::pipe(told.data()) == 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        guard stands;
        stands.add(left);
        const pid_t holder = ::fork();
        if (holder == 0) {
            ::alarm(60);
            ::pause();
            ::_exit(0);
        }
        [[maybe_unused]] const auto said = ::write(told[1], &holder, sizeof holder);
        for (;;)
            ::pause();
    }
    pid_t holder = 0;
    BOOST_REQUIRE(::read(told[0], &holder, sizeof holder) == ssize_t(sizeof holder));
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    bool ended = false;
    for (int i = 0; i < 5'000 && !ended; ++i) {
        ended = ::waitpid(left, nullptr, WNOHANG) == left;
        std::this_thread::sleep_for(1ms);
    }
    BOOST_TEST(ended);
    BOOST_TEST(test::runs(holder));
    ::kill(holder, SIGKILL);
    if (!ended) {
        ::kill(left, SIGKILL);
        ::waitpid(left, nullptr, 0);
    }
    ::close(told[0]);
    ::close(told[1]);
}

BOOST_AUTO_TEST_SUITE_END()
