#include <aio/base/pass_signal.hpp>

#include <boost/test/unit_test.hpp>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace {

bool give_up(unsigned capability) {
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &head, sets.data()) != 0)
        return false;
    sets[0].effective &= ~(1U << capability);
    sets[0].permitted &= ~(1U << capability);
    return ::syscall(SYS_capset, &head, sets.data()) == 0;
}

/// A process of another user, once it is one.
pid_t other_user() {
    std::array<int, 2> line{};
    if (::pipe(line.data()) != 0)
        return -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
        const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const auto sent = ::write(line[1], "x", 1);
        for (; changed && sent == 1;)
            ::pause();
        ::_exit(1);
    }
    char ready = 0;
    const auto got = ::read(line[0], &ready, 1);
    ::close(line[0]);
    ::close(line[1]);
    return got == 1 ? pid : -1;
}

/// 0: all is as it should be. It runs in a process of its own.
int signal_without_capability() {
    const pid_t target = other_user();
    if (!give_up(CAP_KILL) || ::kill(target, SIGTERM) == 0 || errno != EPERM)
        return 1;
    if (aio::base::pass_signal(target, SIGTERM) != 0 || ::geteuid() != 0)
        return 2;
    int status = 0;
    ::waitpid(target, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM)
        return 3;
    return aio::base::pass_signal(target, SIGTERM) == ESRCH ? 0 : 4;
}

} // namespace

BOOST_AUTO_TEST_SUITE(passing_a_signal_on)

BOOST_AUTO_TEST_CASE(root_without_the_capability_reaches_another_user) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(signal_without_capability());
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0, "step " << WEXITSTATUS(status));
}

BOOST_AUTO_TEST_SUITE_END()
