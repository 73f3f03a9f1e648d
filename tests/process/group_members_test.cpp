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
    BOOST_TEST((groups.any(one.pid, now += 100ms) == true));
    BOOST_TEST((groups.any(::getpgrp(), now) == true));
    ::kill(one.pid, SIGKILL);
    siginfo_t how{};
    ::waitid(P_PID, static_cast<id_t>(one.pid), &how, WEXITED | WNOWAIT);
    BOOST_TEST(::kill(-one.pid, 0) == 0);
    BOOST_TEST((groups.any(one.pid, now += 100ms) == false));
}

BOOST_AUTO_TEST_CASE(there_is_one_look_in_a_tenth_of_a_second) {
    const time_point start{5s};
    group_members groups;
    const pid_t own = ::getpgrp();
    BOOST_TEST((groups.any(own, start + 40ms) == true));
    BOOST_TEST((groups.any(own, start + 40ms) == true));
    BOOST_TEST(!groups.any(own, start + 41ms).has_value());
    BOOST_TEST(!groups.any(own, start + 99ms).has_value());
    BOOST_TEST((group_members::next_look(start + 41ms) == start + 100ms));
    BOOST_TEST((groups.any(own, start + 100ms) == true));
    BOOST_TEST(!groups.any(own, start + 199ms).has_value());
    BOOST_TEST((groups.any(own, start + 1h) == true));
}

BOOST_AUTO_TEST_CASE(a_thousand_ends_one_by_one_cost_no_look_each) {
    time_point now{};
    group_members groups;
    const pid_t own = ::getpgrp();
    const auto looks = [&](int questions) {
        int answered = 0;
        for (int i = 0; i < questions; ++i)
            answered += groups.any(own, now += 1ms).has_value();
        return answered;
    };
    BOOST_TEST(looks(1000) <= 11);
}

BOOST_AUTO_TEST_CASE(the_processes_of_a_loop_share_it) {
    aio::async::loop loop, other;
    BOOST_TEST(&group_members::of(loop) == &group_members::of(loop));
    BOOST_TEST(&group_members::of(loop) != &group_members::of(other));
}

BOOST_AUTO_TEST_SUITE_END()
