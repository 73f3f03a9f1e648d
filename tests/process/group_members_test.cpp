#include <aio/process/group_members.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

using aio::async::time_point;
using aio::process::group_members;
using aio::process::read_stat;
using namespace std::chrono_literals;

namespace {

struct child {
    pid_t pid = ::fork();

    child() {
        if (pid == 0)
            for (::setpgid(0, 0);;)
                ::pause();
        ::setpgid(pid, pid);
    }

    ~child() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(members_of_a_group)

BOOST_AUTO_TEST_CASE(a_line_is_read_whatever_the_name_of_the_process) {
    for (const char* line :
         {"42 (sh) S 1 40 40 0", "42 (a) S 1 2 3 (b)) R 1 40 40 0", "42 () D 1 40 1"}) {
        BOOST_TEST(read_stat(line).group == 40);
        BOOST_TEST(read_stat(line).lives);
    }
    BOOST_TEST(!read_stat("42 (sh) Z 1 40 40 0").lives);
    BOOST_TEST(!read_stat("42 (sh) X 1 40 40 0").lives);
    for (const char* line : {"", "42", "42 (sh)", "42 (sh) S", "42 (sh) S 1", "42 (sh) S 0 0 0"})
        BOOST_TEST(!read_stat(line).lives);
}

BOOST_AUTO_TEST_CASE(a_zombie_is_no_living_member) {
    time_point now{};
    group_members groups;
    const child one;
    BOOST_TEST(groups.any(one.pid, now += 1ms));
    BOOST_TEST(groups.any(::getpgrp(), now));
    ::kill(one.pid, SIGKILL);
    siginfo_t how{};
    ::waitid(P_PID, static_cast<id_t>(one.pid), &how, WEXITED | WNOWAIT);
    BOOST_TEST(::kill(-one.pid, 0) == 0);
    BOOST_TEST(!groups.any(one.pid, now += 1ms));
}

BOOST_AUTO_TEST_SUITE_END()
