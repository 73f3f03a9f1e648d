// Whole apps under many seeds: the same order whatever happens first, the same run from the same
// seed.

#include <aio/app/app.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/signal/bus.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;

namespace {

std::string schedule(const std::string& name, const std::string& more) {
    return "[schedule/" + name + "]\nfunc = aio.examples.tick\ndata = " + name + "\n" + more;
}

const std::string four_loops = "[aio]\nloops = 4\n[logger_root]\nhandlers =\n" +
                               schedule("a", "every = 1\nloop = 0\n") +
                               schedule("b", "every = 1\nloop = 1\n") +
                               schedule("c", "every = 1\nloop = 2\ndepends = schedule/a\n") +
                               schedule("d", "every = 2\nloop = own\ndepends = schedule/c\n");

/// What an app logged under one seed, stopped after as long as the dice say.
std::vector<std::string> run_of(std::uint64_t seed) {
    testing::captured_log log;
    std::map<std::string, int> heard; // an emit that has begun calls also who has unlistened
    async::virtual_clock time(seed);  // whatever AIO_SEED says
    testing::run(
        four_loops,
        [&heard](app::app& app) -> task<void> {
            async::loop& at = app.main_loop();
            const auto count = [&heard, &at](const signal::event& what) {
                BOOST_TEST(at.running_here());
                ++heard[what.data<std::string>()];
            };
            const auto mine = app.signals().listen("ticked", count);
            const auto half_seconds = at.simulation()->random() % 20;
            co_await sleep(half_seconds * 500ms);
            app.signals().unlisten(mine);
            for (const char* each : {"a", "b", "c"}) {
                const auto due = static_cast<int>(half_seconds / 2);
                BOOST_TEST(std::abs(heard[each] - due) <= 1);
            }
        },
        time,
        testing::app_options(log)
    );
    return log.texts();
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_simulated)

BOOST_AUTO_TEST_CASE(schedules_on_four_loops_run_and_stop_under_a_thousand_seeds) {
    std::set<std::vector<std::string>> different;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        const auto log = run_of(seed);
        BOOST_TEST(log.back() == "INFO(aio): Stopped");
        different.insert(log);
    }
    BOOST_TEST(different.size() > 500u);
}

BOOST_AUTO_TEST_CASE(the_same_seed_logs_the_same) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed)
        BOOST_TEST(run_of(seed) == run_of(seed), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
