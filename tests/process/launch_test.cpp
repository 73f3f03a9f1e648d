#include "world.hpp"

#include <aio/process/child.hpp>
#include <aio/process/launch.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace aio::process;

namespace {

launch_request shell(std::string command) {
    launch_request what;
    what.program = "/bin/sh";
    what.arguments = {"sh", "-c", std::move(command)};
    what.environment = {"PATH=/usr/bin:/bin"};
    return what;
}

ending end_of(child& process) {
    ::pollfd end{process.end_descriptor(), POLLIN, 0};
    BOOST_REQUIRE(::poll(&end, 1, 60'000) == 1);
    const auto how = process.ended();
    BOOST_REQUIRE(how);
    return *how;
}

/// What it writes until it has ended.
std::string said(const launch_request& what) {
    child one(what, reach::group);
    const auto from = one.take_output();
    std::string all;
    char buffer[4096];
    for (;;) {
        ::pollfd more{from.get(), POLLIN, 0};
        BOOST_REQUIRE(::poll(&more, 1, 60'000) == 1);
        const ssize_t got = ::read(from.get(), buffer, sizeof buffer);
        if (got <= 0)
            break;
        all.append(buffer, static_cast<std::size_t>(got));
    }
    end_of(one);
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(launching)

BOOST_AUTO_TEST_CASE(its_status_comes_back) {
    child good(shell("exit 0"), reach::group), bad(shell("exit 3"), reach::group);
    child killed(shell("kill -KILL $$"), reach::group);
    const pid_t pid = good.pid();
    BOOST_TEST(describe(end_of(good)) == "exited with status 0");
    BOOST_TEST(describe(end_of(bad)) == "exited with status 3");
    BOOST_TEST(describe(end_of(killed)) == "was killed by SIGKILL");
    BOOST_TEST(!test::exists(pid));
    BOOST_TEST(good.pid() == 0);
    BOOST_TEST(!good.ended());
}

BOOST_AUTO_TEST_CASE(what_the_system_refuses_is_said_and_leaves_nothing) {
    launch_request what = shell("");
    const auto refused = [&](std::string_view why) {
        BOOST_CHECK_EXCEPTION(launch(what), launch_error, [&](const launch_error& e) {
            BOOST_TEST(e.what() == why);
            return true;
        });
        BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    };
    what.directory = "/no/such";
    refused("cannot enter /no/such: No such file or directory");
    what.directory = "/";
    what.program = "/no/such";
    refused("cannot execute /no/such: No such file or directory");
    what.program = "/etc/passwd";
    refused("cannot execute /etc/passwd: Permission denied");
}

BOOST_AUTO_TEST_CASE(it_has_three_descriptors_and_no_more) {
    const int opened = ::open("/dev/null", O_RDONLY);
    const int open = ::fcntl(opened, F_DUPFD, 100); // without close-on-exec, as a module may do
    const std::string all = said(shell("cd /proc/$$/fd; echo *; readlink 0"));
    ::close(open);
    ::close(opened);
    // 3: the folder itself, while the shell reads it
    BOOST_TEST(all == "0 1 2 3\n/dev/null\n");
}

BOOST_AUTO_TEST_CASE(it_is_right_even_when_ours_are_closed) {
    const int kept = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    ::close(0);
    const std::string all = said(shell("echo out; readlink /proc/$$/fd/0"));
    if (kept >= 0)
        ::dup2(kept, 0);
    ::close(kept);
    BOOST_TEST(all == "out\n/dev/null\n");
}

// With 0 closed, the first pipe takes 0 and has to be copied: at one of the limits only that fails.
BOOST_AUTO_TEST_CASE(a_program_that_does_not_begin_is_an_error_at_any_limit_of_descriptors) {
    rlimit before{};
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const int kept = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    ::close(0);
    launch_request what = shell("");
    what.program = "/nowhere";
    int errors = 0;
    constexpr rlim_t lowest = 3, highest = 40;
    for (rlim_t limit = lowest; limit < highest; ++limit) {
        const rlimit low{limit, before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &low);
        try {
            child(what, reach::group);
        } catch (const launch_error&) {
            ++errors;
        }
        ::setrlimit(RLIMIT_NOFILE, &before);
    }
    if (kept >= 0)
        ::dup2(kept, 0);
    ::close(kept);
    BOOST_TEST(errors == static_cast<int>(highest - lowest));
}

BOOST_AUTO_TEST_CASE(its_signals_are_neither_blocked_nor_ignored) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto old = ::signal(SIGPIPE, SIG_IGN);
    const std::string text = said(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    ::signal(SIGPIPE, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    BOOST_TEST(text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

BOOST_AUTO_TEST_CASE(it_leads_a_group_of_its_own) {
    const std::string text = said(shell("echo $$ $(cut -d' ' -f5 /proc/$$/stat)"));
    const std::size_t blank = text.find(' ');
    BOOST_TEST(text == text.substr(0, blank) + " " + text.substr(0, blank) + "\n");
}

BOOST_AUTO_TEST_CASE(its_limit_of_open_files_is_what_was_asked_for) {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    launch_request what = shell("ulimit -S -n; ulimit -H -n");
    const std::string hard =
        now.rlim_max == RLIM_INFINITY ? "unlimited" : fmt::format("{}", now.rlim_max);
    what.open_files = 77;
    BOOST_TEST(said(what) == fmt::format("77\n{}\n", hard));
}

BOOST_AUTO_TEST_CASE(it_has_its_environment_and_its_folder) {
    launch_request what = shell("pwd; env | grep -v -e PWD -e _=");
    what.directory = "/usr";
    what.environment = {"PATH=/usr/bin:/bin", "A=b c"};
    const std::string text = said(what);
    BOOST_TEST(
        (text == "/usr\nPATH=/usr/bin:/bin\nA=b c\n" || text == "/usr\nA=b c\nPATH=/usr/bin:/bin\n")
    );
}

BOOST_AUTO_TEST_CASE(it_ends_when_nobody_owns_it_any_more) {
    pid_t pid = 0;
    {
        child one(shell("trap '' TERM; while :; do :; done"), reach::group);
        pid = one.pid();
        child moved(std::move(one));
        BOOST_TEST(!one);
        BOOST_TEST(moved.pid() == pid);
        BOOST_TEST(test::runs(pid));
    }
    BOOST_TEST(!test::exists(pid));
}

BOOST_AUTO_TEST_CASE(it_ends_with_the_thread_that_made_it) {
    launched made;
    std::thread([&] { made = launch(shell("sleep 1000")); }).join();
    ::pollfd end{made.ended.get(), POLLIN, 0};
    BOOST_TEST(::poll(&end, 1, 60'000) == 1);
    int status = 0;
    BOOST_TEST(::waitpid(made.pid, &status, 0) == made.pid);
    BOOST_TEST(WIFSIGNALED(status));
}

BOOST_AUTO_TEST_CASE(statuses_are_kept_when_sigchld_was_ignored) {
    ::signal(SIGCHLD, SIG_IGN);
    child one(shell("exit 4"), reach::group);
    BOOST_TEST(describe(end_of(one)) == "exited with status 4");
}

BOOST_AUTO_TEST_CASE(descriptors_of_ours_do_not_leak) {
    const auto count = [] {
        std::size_t all = 0;
        for ([[maybe_unused]] const auto& one :
             std::filesystem::directory_iterator("/proc/self/fd"))
            ++all;
        return all;
    };
    const std::size_t before = count();
    for (int i = 0; i < 10; ++i)
        said(shell("echo"));
    launch_request wrong = shell("");
    wrong.program = "/no/such";
    BOOST_CHECK_THROW(launch(wrong), launch_error);
    BOOST_TEST(count() == before);
}

BOOST_AUTO_TEST_CASE(it_becomes_another_user_for_good) {
    if (::geteuid() != 0)
        return;
    launch_request what = shell("id -u; id -g; id -G; grep -E '^(Uid|Gid):' /proc/self/status; "
                                "echo again > /dev/stdout");
    what.as.emplace();
    what.as->user = 12345;
    what.as->group = 23456;
    what.as->groups = {23456, 34567};
    BOOST_TEST(
        said(what) == "12345\n23456\n23456 34567\nUid:\t12345\t12345\t12345\t12345\n"
                      "Gid:\t23456\t23456\t23456\t23456\nagain\n"
    );
    BOOST_TEST(::geteuid() == 0u);
    BOOST_TEST(::prctl(PR_GET_DUMPABLE) == 1);
}

BOOST_AUTO_TEST_CASE(another_user_too_dies_with_the_thread_that_made_it) {
    if (::geteuid() != 0)
        return;
    launch_request what;
    what.program = "/bin/sleep";
    what.arguments = {"sleep", "1000"};
    what.as.emplace();
    what.as->user = what.as->group = 12345;
    child one;
    std::thread([&] { one = child(what, reach::group); }).join();
    const ending how = end_of(one);
    BOOST_TEST(how.signal == SIGKILL);
}

BOOST_AUTO_TEST_CASE(another_user_enters_its_folder_itself) {
    if (::geteuid() != 0)
        return;
    const aio::testing::temporary_folder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    launch_request what = shell("true");
    what.directory = folder.path().string();
    said(what);
    what.as.emplace();
    what.as->user = what.as->group = 12345;
    BOOST_CHECK_EXCEPTION(launch(what), launch_error, [&](const launch_error& e) {
        return e.what() == "cannot enter " + what.directory + ": Permission denied";
    });
}

namespace {

/// Forks processes that execute nothing and so keep a copy of every descriptor, as a module may.
class forking_thread {
  public:
    ~forking_thread() {
        stop();
        for (const pid_t each : holders_) {
            ::kill(each, SIGKILL);
            ::waitpid(each, nullptr, 0);
        }
    }

    bool busy() const noexcept { return busy_; }

    void stop() {
        if (thread_.joinable())
            thread_.join();
    }

  private:
    void fork_all() {
        constexpr std::size_t most = 40;
        while (holders_.size() < most) {
            const pid_t pid = ::fork();
            if (pid == 0) {
                ::alarm(60);
                ::pause();
                ::_exit(0);
            }
            if (pid > 0)
                holders_.push_back(pid);
        }
        busy_ = false;
    }

    std::vector<pid_t> holders_;
    std::atomic<bool> busy_{true};
    std::thread thread_{[this] { fork_all(); }};
};

} // namespace

BOOST_AUTO_TEST_CASE(a_fork_of_another_thread_does_not_hold_up_a_start) {
    const auto begun = std::chrono::steady_clock::now();
    forking_thread other;
    launch_request plain = shell("exit 0"), changed = plain;
    plain.program = "/nowhere"; // a complaint arrives all the same
    if (::geteuid() == 0)
        changed.as.emplace();
    int complaints = 0, started = 0;
    do {
        try {
            child(plain, reach::group);
        } catch (const launch_error&) {
            ++complaints;
        }
        child one(changed, reach::group);
        BOOST_TEST(end_of(one).clean());
        ++started;
    } while (other.busy());
    other.stop();
    BOOST_TEST(complaints == started);
    BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(50)));
}

BOOST_AUTO_TEST_SUITE_END()
