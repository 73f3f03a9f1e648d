#include "../support/sanitizer.hpp"

#include <aio/app/fatal_signals.hpp>
#include <aio/base/descriptor.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

using namespace aio;
using namespace std::chrono_literals;

namespace {

sigset_t wake_up() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGRTMIN + 2);
    return set;
}

/// The main thread crashes, and the thread that is to report it crashes in the report.
[[noreturn]] void crash_twice(int errors) {
    ::dup2(errors, STDERR_FILENO);
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setenv("ASAN_OPTIONS", "handle_segv=0", 1);
    std::signal(SIGABRT, SIG_DFL); // it was that of the test runner
    const sigset_t woken = wake_up();
    ::pthread_sigmask(SIG_BLOCK, &woken, nullptr);
    const app::fatal_signals crashes;
    std::thread reporter([&] {
        int number = 0;
        ::sigwait(&woken, &number);
        if (app::crash_reporter::pending())
            std::raise(SIGABRT);
    });
    const app::crash_reporter registered(reporter.native_handle(), SIGRTMIN + 2);
    std::raise(SIGABRT);
    ::_exit(0);
}

std::string all_of(int pipe) {
    std::string text;
    std::array<char, 4096> chunk;
    for (ssize_t n = 0; (n = ::read(pipe, chunk.data(), chunk.size())) > 0;)
        text.append(chunk.data(), static_cast<std::size_t>(n));
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fatal_signals)

BOOST_AUTO_TEST_CASE(a_reporter_that_crashes_as_well_is_not_waited_for) {
    if (support::thread_sanitizer) {
        BOOST_TEST_MESSAGE("skipped: ThreadSanitizer handles the signals of a crash itself");
        return;
    }
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const base::descriptor output(ends[0]);
    base::descriptor errors(ends[1]);
    const auto begun = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0)
        crash_twice(errors.get());
    errors.reset();
    const std::string said = all_of(output.get());
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    const auto took = std::chrono::steady_clock::now() - begun;
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGABRT);
    BOOST_TEST(said.find("SIGABRT") != std::string::npos, said);
    BOOST_TEST((took < 4s)); // the wait for a report takes at least 5s
}

BOOST_AUTO_TEST_SUITE_END()
