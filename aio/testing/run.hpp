#pragma once

// Runs a coroutine to its end on a loop of its own: what is below AIO_TEST_CASE (case.hpp).

#include <aio/async/task.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <chrono>

namespace aio::testing {

/// As an argument of AIO_TEST_CASE and run(): time stands still while anything is ready and then
/// jumps, so that hours take no time. Sockets are not seen: do not mix.
struct virtual_time_t {};

inline constexpr virtual_time_t virtual_time{};

/// How a test runs. Made from a time limit, or from virtual_time; both have defaults.
struct run_options {
    /// After it the test is cancelled and fails with timeout_error. In virtual time 200 years: a
    /// test that waits for nothing that comes fails at once.
    base::duration limit = std::chrono::seconds(30);
    /// Time runs by it; nullptr: by the clocks of the system. Has to outlive the run.
    async::virtual_clock* time = nullptr;
    /// A virtual clock that goes with the run.
    bool own_time = false;

    run_options() = default;

    template <typename Rep, typename Period>
    run_options(std::chrono::duration<Rep, Period> limit_) : limit(limit_) {}

    run_options(virtual_time_t) : limit(forever), own_time(true) {}

    run_options(async::virtual_clock& time_) : limit(forever), time(&time_) {}

  private:
    static constexpr base::duration forever = std::chrono::hours(24 * 365) * 200;
};

/// Runs it on this thread until it has ended. What it throws comes out.
AIO_API void run(task<void> work, run_options how = {});

} // namespace aio::testing
