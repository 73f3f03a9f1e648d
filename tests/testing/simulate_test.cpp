#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using testing::seed_failed;
using testing::simulate;
using testing::simulate_options;

namespace {

using trace = std::vector<std::string>;

/// While it lives, the environment says so.
struct variable {
    variable(const char* name_, const std::string& value) : name(name_) {
        ::setenv(name, value.c_str(), 1);
    }

    ~variable() { ::unsetenv(name); }

    const char* name;
};

struct account {
    int balance = 100;
    trace events;

    /// Looks, waits, and then trusts what it saw: the classic.
    task<void> draw(std::string who, int much) {
        for (int i = 0; i < 3; ++i) {
            const int seen = balance;
            events.push_back(who + " sees " + std::to_string(seen));
            if (i == 2)
                co_await sleep(0s);
            balance = seen - much;
            events.push_back(who + " leaves " + std::to_string(balance));
            co_await sleep(0s);
        }
    }
};

/// Two draw from one account. The order things are started in never shows the error.
task<void> two_draw(trace* events = nullptr) {
    async::loop& at = *async::loop::of(co_await boost::asio::this_coro::executor);
    account shared;
    async::task_group group(at);
    group.spawn("a", shared.draw("a", 1));
    group.spawn("b", shared.draw("b", 10));
    co_await group.join();
    if (events)
        *events = shared.events;
    if (shared.balance != 100 - 33)
        throw std::runtime_error("money is lost: " + std::to_string(shared.balance));
}

std::uint64_t failing_seed() {
    try {
        simulate([] { return two_draw(); });
    } catch (const seed_failed& e) {
        return e.seed;
    }
    return 0;
}

trace trace_of(std::uint64_t seed) {
    const variable one("AIO_SEED", std::to_string(seed));
    trace events;
    BOOST_CHECK_THROW(simulate([&] { return two_draw(&events); }), seed_failed);
    return events;
}

const std::string quiet = "[logger_root]\nhandlers =\n";

} // namespace

BOOST_AUTO_TEST_SUITE(simulate_)

BOOST_AUTO_TEST_CASE(a_planted_race_is_found_within_a_thousand_seeds_and_replays_the_same) {
    const std::uint64_t seed = failing_seed();
    BOOST_TEST_REQUIRE(seed != 0u);
    BOOST_TEST(failing_seed() == seed);
    const trace first = trace_of(seed);
    BOOST_TEST(!first.empty());
    BOOST_TEST(first == trace_of(seed), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_seed_is_run_once_and_has_its_own_digest) {
    std::map<std::uint64_t, std::uint64_t> digests;
    const auto collect = [&](std::uint64_t first) {
        std::map<std::uint64_t, std::uint64_t> got;
        simulate_options how(100, first);
        how.done = [&](std::uint64_t seed, std::uint64_t digest) { got[seed] = digest; };
        const auto body = []() -> task<void> {
            async::task_group group(*async::loop::of(co_await boost::asio::this_coro::executor));
            for (int i = 0; i < 20; ++i)
                group.spawn("one", sleep(1s));
            co_await group.join();
        };
        simulate(body, how);
        return got;
    };
    digests = collect(5);
    BOOST_TEST(digests.size() == 100u);
    BOOST_TEST(digests.begin()->first == 5u);
    BOOST_TEST((digests == collect(5)));
    std::set<std::uint64_t> different;
    for (const auto& [seed, digest] : digests)
        different.insert(digest);
    BOOST_TEST(different.size() == 100u);
}

BOOST_AUTO_TEST_CASE(the_environment_says_which_seeds_and_how_many) {
    std::vector<std::uint64_t> seeds;
    simulate_options how(3);
    how.done = [&](std::uint64_t seed, std::uint64_t) { seeds.push_back(seed); };
    const auto body = []() -> task<void> { co_return; };
    simulate(body, how);
    BOOST_TEST((seeds == std::vector<std::uint64_t>{1, 2, 3}));
    seeds.clear();
    {
        const variable many("AIO_SEEDS", "5");
        simulate(body, how);
        BOOST_TEST(seeds.size() == 5u);
        seeds.clear();
        const variable one("AIO_SEED", "17");
        simulate(body, how);
        BOOST_TEST((seeds == std::vector<std::uint64_t>{17}));
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_of_seeds_fails) {
    std::size_t runs = 0;
    const auto body = [&]() -> task<void> {
        ++runs;
        co_return;
    };
    for (const char* name : {"AIO_SEEDS", "AIO_SEED"})
        for (const char* text : {"0", "many", "-1", "1e3", "10 ", "99999999999999999999"}) {
            const variable wrong(name, text);
            const std::string said = fmt::format("{}={} is no number from 1 on", name, text);
            BOOST_CHECK_EXCEPTION(simulate(body, 3), std::invalid_argument, [&](const auto& e) {
                return e.what() == said;
            });
        }
    BOOST_TEST(runs == 0u);
    const variable empty("AIO_SEEDS", "");
    simulate(body, 3);
    BOOST_TEST(runs == 3u);
}

BOOST_AUTO_TEST_CASE(the_seed_is_in_the_error_with_how_to_run_it_again) {
    const auto body = []() -> task<void> {
        co_await sleep(1s);
        throw std::runtime_error("boom");
    };
    BOOST_CHECK_EXCEPTION(simulate(body, {10, 4}), seed_failed, [](const seed_failed& e) {
        return e.seed == 4 &&
               e.what() == std::string("seed 4 fails (AIO_SEED=4 runs it alone): boom");
    });
}

BOOST_AUTO_TEST_CASE(a_failed_check_ends_it_too) {
    simulate_options how(10);
    std::size_t asked = 0;
    how.failed = [&] { return ++asked == 3; };
    BOOST_CHECK_EXCEPTION(
        simulate([]() -> task<void> { co_return; }, how),
        seed_failed,
        [](const seed_failed& e) { return e.seed == 3; }
    );
}

AIO_SIMULATED_TEST_CASE(a_case_runs_under_many_seeds, 50) {
    static std::size_t runs = 0;
    co_await sleep(1h);
    BOOST_TEST(++runs <= 50u);
}

BOOST_AUTO_TEST_CASE(an_app_starts_and_stops_the_same_with_each_seed_and_four_loops) {
    std::size_t runs = 0;
    std::map<std::uint64_t, std::uint64_t> digests;
    simulate_options how(200);
    how.done = [&](std::uint64_t seed, std::uint64_t digest) {
        const auto [at, fresh] = digests.try_emplace(seed, digest);
        BOOST_TEST((fresh || at->second == digest));
    };
    const auto body = [&](app::app& app) -> task<void> {
        ++runs;
        co_await sleep(1ms); // what never waited runs before the loop does
        BOOST_TEST(app.loops().size() == 4u);
        for (async::loop* one : app.loops())
            BOOST_TEST(co_await async::on(*one, [one] { return one->running_here(); }));
        BOOST_TEST(co_await app.workers().run([] { return 7; }) == 7);
        co_await sleep(1h);
    };
    simulate("[aio]\nloops = 4\n" + quiet, body, how);
    simulate("[aio]\nloops = 4\n" + quiet, body, how);
    BOOST_TEST(runs == 400u);
    BOOST_TEST(digests.size() == 200u);
}

BOOST_AUTO_TEST_SUITE_END()
