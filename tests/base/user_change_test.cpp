#include <aio/base/user_change.hpp>

#include <boost/test/unit_test.hpp>

#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <string>

using namespace aio::base;

namespace {

/// What `asked` returns in a process of its own.
std::string in_child(const std::function<std::string()>& asked) {
    std::array<int, 2> line{};
    BOOST_REQUIRE(::pipe(line.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string text = asked();
        const auto sent = ::write(line[1], text.data(), text.size());
        ::_exit(sent == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    ::close(line[1]);
    std::array<char, 1024> buffer{};
    const ssize_t got = ::read(line[0], buffer.data(), buffer.size());
    ::close(line[0]);
    ::waitpid(child, nullptr, 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

std::string without_capability(unsigned number, user_step step) {
    return in_child([=] {
        __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
        std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
        if (::syscall(SYS_capget, &head, sets.data()) != 0)
            return std::string{"capget"};
        sets[number / 32].effective &= ~(1U << number % 32);
        if (::syscall(SYS_capset, &head, sets.data()) != 0)
            return std::string{"capset"};
        return reason_refused(step, 0, 0, EPERM);
    });
}

/// In a user namespace that has one user and one group, both 0; empty where there is none.
std::string in_small_namespace(user_step step, uid_t user, gid_t group, int error) {
    const uid_t own_user = ::geteuid();
    const gid_t own_group = ::getegid();
    return in_child([=] {
        if (::unshare(CLONE_NEWUSER) != 0)
            return std::string{};
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << "0 " << own_user << " 1";
        std::ofstream("/proc/self/gid_map") << "0 " << own_group << " 1";
        if (!namespace_has_user(0).value_or(false))
            return std::string{};
        return reason_refused(step, user, group, error);
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(change_of_user)

BOOST_AUTO_TEST_CASE(a_capability_that_is_missing_is_named) {
    const auto names = [](const std::string& said, const std::string& capability) {
        BOOST_TEST(
            said ==
            "Operation not permitted (this process does not have the capability " + capability + ")"
        );
    };
    names(without_capability(CAP_SETGID, user_step::take_groups), "CAP_SETGID");
    names(without_capability(CAP_SETGID, user_step::take_group), "CAP_SETGID");
    names(without_capability(CAP_SETUID, user_step::take_user), "CAP_SETUID");
    names(without_capability(CAP_CHOWN, user_step::give_file), "CAP_CHOWN");
}

BOOST_AUTO_TEST_CASE(a_number_that_the_namespace_does_not_have_is_named) {
    if (in_small_namespace(user_step::take_user, 1, 0, EPERM).empty()) {
        BOOST_TEST_MESSAGE("skipped: this system makes no user namespace");
        return;
    }
    for (const int error : {EPERM, EINVAL}) {
        BOOST_TEST(
            in_small_namespace(user_step::take_groups, 5, 6, error) ==
            "this user namespace has no user 5 and no group 6 (see /proc/self/uid_map and "
            "/proc/self/gid_map)"
        );
        BOOST_TEST(
            in_small_namespace(user_step::give_file, 5, 0, error) ==
            "this user namespace has no user 5 (see /proc/self/uid_map)"
        );
        BOOST_TEST(
            in_small_namespace(user_step::take_group, 0, 6, error) ==
            "this user namespace has no group 6 (see /proc/self/gid_map)"
        );
    }
    BOOST_TEST(
        in_small_namespace(user_step::take_groups, 0, 0, EPERM) ==
        "this user namespace does not let a process set its groups (see /proc/self/setgroups)"
    );
}

BOOST_AUTO_TEST_CASE(other_errors_keep_their_words) {
    BOOST_TEST(
        reason_refused(user_step::take_user, 0, 0, EAGAIN) == "Resource temporarily unavailable"
    );
}

BOOST_AUTO_TEST_CASE(each_step_has_its_words) {
    BOOST_TEST(describe(user_step::take_groups, 5, 6) == "take the groups of user 5 and group 6");
    BOOST_TEST(describe(user_step::take_group, 5, 6) == "take group 6");
    BOOST_TEST(describe(user_step::take_user, 5, 6) == "become user 5");
    BOOST_TEST(describe(user_step::give_file, 5, 6) == "give a file to user 5 and group 6");
}

BOOST_AUTO_TEST_SUITE_END()
