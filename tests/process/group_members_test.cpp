#include <aio/base/capability.hpp>
#include <aio/process/group_rest.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <string>

using aio::async::time_point;
using aio::process::fault_of_proc;
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

bool in_child(const std::function<bool()>& asked) {
    const pid_t pid = ::fork();
    if (pid == 0)
        ::_exit(asked() ? 0 : 1);
    int status = 1;
    ::waitpid(pid, &status, 0);
    return status == 0;
}

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

BOOST_AUTO_TEST_CASE(without_descriptors_nothing_is_known_of_a_group) {
    time_point now{};
    group_members groups;
    const child one;
    ::rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const auto ask_with = [&](rlim_t limit) {
        const ::rlimit files{limit, before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &files);
        const auto answer = groups.any(one.pid, now += 100ms);
        ::setrlimit(RLIMIT_NOFILE, &before);
        return answer;
    };
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    const auto lowest = static_cast<rlim_t>(lowest_free);
    BOOST_TEST(!ask_with(lowest).has_value());     // /proc cannot be opened
    BOOST_TEST(!ask_with(lowest + 1).has_value()); // no process can be looked at
    BOOST_TEST((ask_with(before.rlim_cur) == true));
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

BOOST_AUTO_TEST_CASE(a_line_names_its_program) {
    BOOST_TEST(read_stat("42 (a) S 1 2 3 (b)) R 1 40 40 0").program == "a) S 1 2 3 (b)");
    BOOST_TEST(read_stat("42 () D 1 40 1").program == "");
}

BOOST_AUTO_TEST_CASE(members_are_named_and_may_be_out_of_reach) {
    const child one;
    group_members groups;
    BOOST_TEST((groups.any(one.pid, {}) == true));
    const auto seen = groups.last_seen(one.pid);
    BOOST_REQUIRE(seen.size() == 1u);
    BOOST_TEST(seen[0].pid == one.pid);
    BOOST_TEST(seen[0].within_reach());
    BOOST_TEST(seen[0].text() == fmt::format("pid {} ({})", one.pid, seen[0].program));
    BOOST_TEST(groups.last_seen(one.pid).size() == 1u);
    BOOST_TEST(groups.last_seen(-1).empty());
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    BOOST_TEST(in_child([&] { return ::setuid(65534) == 0 && !seen[0].within_reach(); }));
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_group_names_what_cannot_be_signalled) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    const child one;
    BOOST_TEST(in_child([&] {
        group_members groups;
        aio::process::group_rest rest(groups);
        if (::setuid(65534) != 0 || rest.lives(one.pid, {}) != true || !rest.all_unreachable())
            return false;
        const auto found = rest.new_unreachable();
        const std::string text = found.empty() ? "" : found[0].text();
        return found.size() == 1 && rest.new_unreachable().empty() &&
               rest.text("pid 1 (x)") == text + " of the group of pid 1 (x)" &&
               rest.left_behind(one.pid, {}) == text;
    }));
    group_members groups;
    aio::process::group_rest rest(groups);
    BOOST_TEST((rest.lives(one.pid, {}) == true));
    BOOST_TEST(!rest.some_unreachable());
    BOOST_TEST(rest.text("pid 1 (x)") == "the rest of the group of pid 1 (x)");
    BOOST_TEST(rest.left_behind(one.pid, {}) == "");
}

BOOST_AUTO_TEST_CASE(what_is_left_behind_costs_no_look_of_its_own) {
    const time_point now{5s};
    const child one;
    group_members groups;
    aio::process::group_rest rest(groups);
    BOOST_TEST((rest.lives(one.pid, now) == true));
    BOOST_TEST(rest.left_behind(one.pid, now + 1ms) == "");
    BOOST_TEST((groups.any(one.pid, now) == true)); // still the answer of that moment
}

BOOST_AUTO_TEST_CASE(who_can_signal_all_members_does_not_look_for_those_left_behind) {
    if (!aio::base::has_capability(CAP_KILL)) {
        BOOST_TEST_MESSAGE("skipped: needs CAP_KILL");
        return;
    }
    const time_point now{5s};
    const child one;
    group_members groups;
    aio::process::group_rest rest(groups);
    BOOST_TEST(rest.left_behind(one.pid, now) == "");
    BOOST_TEST(groups.any(one.pid, now + 1ms).has_value()); // the first look of that moment
}

BOOST_AUTO_TEST_CASE(a_member_left_behind_is_found_beside_one_that_takes_the_signal) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    const child leader;
    BOOST_TEST(in_child([&] {
        if (::setpgid(0, leader.pid) != 0 || ::setuid(65534) != 0 || ::kill(-leader.pid, 0) != 0)
            return false;
        group_members groups;
        aio::process::group_rest rest(groups);
        const std::string left = rest.left_behind(leader.pid, {});
        return left.starts_with(fmt::format("pid {} (", leader.pid)) &&
               left.find(", ") == left.npos;
    }));
}

BOOST_AUTO_TEST_CASE(the_fault_of_proc_is_looked_for_once) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can make a PID namespace");
        return;
    }
    BOOST_TEST(in_child([] {
        group_members groups;
        return groups.new_fault().empty() && ::unshare(CLONE_NEWPID) == 0 &&
               in_child([&] { return !fault_of_proc().empty() && groups.new_fault().empty(); });
    }));
}

BOOST_AUTO_TEST_CASE(the_processes_of_another_namespace_are_no_members) {
    BOOST_TEST(fault_of_proc() == "");
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can make a PID namespace");
        return;
    }
    const pid_t outer_group = ::getpgrp();
    BOOST_TEST(in_child([&] {
        return ::unshare(CLONE_NEWPID) == 0 && in_child([&] {
                   group_members groups;
                   return fault_of_proc() == "/proc shows the processes of another PID namespace" &&
                          groups.any(outer_group, {}) == false && !groups.new_fault().empty() &&
                          groups.new_fault().empty();
               });
    }));
}

BOOST_AUTO_TEST_SUITE_END()
