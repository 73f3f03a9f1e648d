#include "../support/sanitizer.hpp"

#include <aio/app/awaited_signals.hpp>
#include <aio/app/watchdog.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using namespace aio;
using namespace std::chrono_literals;

namespace {

/// A watchdog as in `aio run`, in a thread whose signals are blocked; put back at the end.
class watched {
  public:
    watched() {
        ::pthread_sigmask(SIG_SETMASK, nullptr, &before_);
        app::block_process_signals();
        app::watchdog_hooks hooks;
        hooks.stop = [this](int number) { stopped.set_value(number); };
        hooks.reopen = [this] {
            if (while_reopening)
                while_reopening();
            reopened.set_value();
        };
        dog.emplace(std::move(hooks), std::nullopt);
    }

    ~watched() {
        dog.reset();
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    /// Calls a function on a thread that lets process signals in.
    template <typename F>
    static void on_open_thread(F call) {
        std::thread([&] {
            app::admit_process_signals();
            call();
        }).join();
    }

    std::promise<int> stopped;
    std::promise<void> reopened;
    std::function<void()> while_reopening; ///< on the thread of the watchdog
    std::optional<app::watchdog> dog;

  private:
    sigset_t before_{};
};

void wait_for_pending(int number) {
    for (sigset_t pending{}; ::sigismember(&pending, number) == 0; std::this_thread::yield())
        ::sigpending(&pending);
}

/// The line about blocked signals that a program of this thread has. Not by a shell: some shells
/// let all signals in.
std::string blocked_in_a_program() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t output;
    ::posix_spawn_file_actions_init(&output);
    ::posix_spawn_file_actions_adddup2(&output, ends[1], STDOUT_FILENO);
    std::string name = "grep", what = "SigBlk", file = "/proc/self/status";
    std::array<char*, 4> arguments{name.data(), what.data(), file.data(), nullptr};
    pid_t pid = 0;
    BOOST_TEST(::posix_spawnp(&pid, "grep", &output, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&output);
    ::waitpid(pid, nullptr, 0);
    std::array<char, 100> line{};
    const ssize_t got = ::read(ends[0], line.data(), line.size());
    ::close(ends[0]);
    ::close(ends[1]);
    return {line.data(), static_cast<std::size_t>(got)};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(app_watchdog, watched)

BOOST_AUTO_TEST_CASE(a_signal_that_another_thread_takes_reaches_the_watchdog) {
    on_open_thread([] { ::pthread_kill(::pthread_self(), SIGUSR1); });
    BOOST_TEST((reopened.get_future().wait_for(60s) == std::future_status::ready));
    on_open_thread([] { ::pthread_kill(::pthread_self(), SIGTERM); });
    BOOST_TEST(stopped.get_future().get() == SIGTERM);
}

BOOST_AUTO_TEST_CASE(a_program_that_such_a_thread_starts_has_no_signal_blocked) {
    std::string blocked;
    on_open_thread([&] { blocked = blocked_in_a_program(); });
    BOOST_TEST(blocked == "SigBlk:\t0000000000000000\n");
    BOOST_TEST(blocked_in_a_program() != blocked);
}

BOOST_AUTO_TEST_CASE(a_copy_of_the_process_is_ended_by_the_signal) {
    if (support::thread_sanitizer) {
        BOOST_TEST_MESSAGE("skipped: ThreadSanitizer delays a signal that a handler raises");
        return;
    }
    on_open_thread([] {
        const pid_t copy = ::fork();
        if (copy == 0) {
            ::raise(SIGTERM);
            ::_exit(3);
        }
        int status = 0;
        BOOST_TEST(::waitpid(copy, &status, 0) == copy);
        BOOST_TEST(WIFSIGNALED(status));
        BOOST_TEST(WTERMSIG(status) == SIGTERM);
    });
}

BOOST_AUTO_TEST_CASE(a_signal_that_comes_while_the_watchdog_ends_is_told) {
    std::promise<void> begun;
    while_reopening = [&] {
        begun.set_value();
        wait_for_pending(app::wake_signal()); // the destructor sends it
        ::kill(::getpid(), SIGTERM);
    };
    ::kill(::getpid(), SIGUSR1);
    begun.get_future().wait();
    dog.reset();
    BOOST_TEST((stopped.get_future().wait_for(0s) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(a_deadline_beyond_the_end_of_the_clock_does_not_end_the_process) {
    dog->arm(base::duration::max());
    on_open_thread([] { ::pthread_kill(::pthread_self(), SIGUSR1); }); // it looks at deadlines
    BOOST_TEST((reopened.get_future().wait_for(60s) == std::future_status::ready));
}

BOOST_AUTO_TEST_SUITE_END()
