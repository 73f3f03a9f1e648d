#pragma once

// Runs a coroutine to its end on a loop of its own: what is below AIO_TEST_CASE (case.hpp).

#include <aio/async/task.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <chrono>

namespace aio::testing {

/// An argument of AIO_TEST_CASE and run(). Time stands still while anything is ready to run, and
/// then jumps to the next timer, so hours take no time. It does not wait for sockets: do not use
/// both.
struct virtual_time_t {};

inline constexpr virtual_time_t virtual_time{};

/// How a test runs. Made from a time limit, or from virtual_time; both have defaults.
struct run_options {
    /// After this time the test is cancelled and fails with timeout_error. In virtual time it is
    /// 200 years, which pass at once for a test that waits for something that never comes.
    base::duration limit = std::chrono::seconds(30);
    /// The clock of the run; nullptr: the clocks of the system. It has to outlive the run.
    async::virtual_clock* time = nullptr;
    /// The run makes a virtual clock of its own.
    bool own_time = false;

    run_options() = default;

    template <typename Rep, typename Period>
    run_options(std::chrono::duration<Rep, Period> limit_) : limit(limit_) {}

    run_options(virtual_time_t) : limit(forever), own_time(true) {}

    run_options(async::virtual_clock& time_) : limit(forever), time(&time_) {}

  private:
    static constexpr base::duration forever = std::chrono::hours(24 * 365) * 200;
};

/// Runs a task on this thread until it has ended.
/// Throws: what the task throws; async::timeout_error after the limit.
AIO_API void run(task<void> work, run_options how = {});

} // namespace aio::testing
