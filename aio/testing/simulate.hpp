#pragma once

// The same test under many seeds: time is virtual, and dice made from the seed say what happens
// next out of all that may (aio/async/virtual_clock.hpp). Who relies on luck is found out. As a
// case of Boost.Test it is AIO_SIMULATED_TEST_CASE (case.hpp); an app is simulated so:
//
//     aio::testing::simulate("[schedule/x]\n…", [](aio::app::app& app) -> aio::task<void> { … });
//
// The first seed that fails ends it and is named. AIO_SEED=17 in the environment runs that seed
// alone, step by step the same; AIO_SEEDS=100000 runs more of them, for the night.

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
    std::uint64_t first = 1; ///< the others follow
    /// Asked after each seed: whether something went wrong that was not thrown.
    std::function<bool()> failed;
    /// Told after each seed, with the digest of all that was decided (virtual_clock::digest).
    std::function<void(std::uint64_t seed, std::uint64_t digest)> done;

    simulate_options() = default;

    simulate_options(std::size_t seeds_) : seeds(seeds_) {}

    simulate_options(std::size_t seeds_, std::uint64_t first_) : seeds(seeds_), first(first_) {}
};

/// A seed under which the body failed; nested inside: what it threw.
struct AIO_API seed_failed : std::runtime_error {
    seed_failed(std::uint64_t seed, const std::string& why);

    std::uint64_t seed;
};

/// Calls `body` and runs what it returns, once for each seed, each time on a loop of its own.
/// Throws seed_failed for the first that fails; what is no std::exception comes out as it is.
/// Either way the seed is named on standard error. Throws std::invalid_argument when AIO_SEED or
/// AIO_SEEDS is set to what is no number from 1 on.
AIO_API void simulate(std::function<task<void>()> body, simulate_options how = {});

/// An app for each seed, as run() makes it: with all its loops, which then need no threads.
AIO_API void
simulate(std::string config, app_body body, simulate_options how = {}, app_options options = {});

} // namespace aio::testing
