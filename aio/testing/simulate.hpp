#pragma once

// The same test under many seeds. Time is virtual, and the seed decides which of all possible steps
// comes next (aio/async/virtual_clock.hpp), so code that relies on an order by luck fails. As a
// case of Boost.Test it is AIO_SIMULATED_TEST_CASE (case.hpp). An app is simulated so:
//
//     aio::testing::simulate("[schedule/x]\n…", [](aio::app::app& app) -> aio::task<void> { … });
//
// The first seed that fails ends the test and is named. AIO_SEED=17 in the environment runs that
// seed alone, step by step the same. AIO_SEEDS=100000 runs more of them.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/testing/run_app.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace aio::testing {

struct simulate_options {
    std::size_t seeds = 1000;
    std::uint64_t first = 1; ///< the other seeds follow
    /// Called after each seed: whether something failed that was not thrown.
    std::function<bool()> failed;
    /// Called after each seed, with the digest of all decisions (virtual_clock::digest).
    std::function<void(std::uint64_t seed, std::uint64_t digest)> done;

    simulate_options() = default;

    simulate_options(std::size_t seeds_) : seeds(seeds_) {}

    simulate_options(std::size_t seeds_, std::uint64_t first_) : seeds(seeds_), first(first_) {}
};

/// A seed under which the body failed. What the body threw is nested inside.
struct AIO_API seed_failed : std::runtime_error {
    seed_failed(std::uint64_t seed, const std::string& why);

    std::uint64_t seed;
};

/// Calls `body` and runs the task that it returns, once for each seed, on a loop of its own.
/// Throws: seed_failed for the first seed that fails; what is no std::exception as it is; both name
/// the seed on standard error. std::invalid_argument when AIO_SEED or AIO_SEEDS is no number from 1
/// on.
AIO_API void simulate(std::function<task<void>()> body, simulate_options how = {});

/// Runs an app for each seed, as run() does. All loops of the app share this thread.
AIO_API void
simulate(std::string config, app_body body, simulate_options how = {}, app_options options = {});

} // namespace aio::testing
