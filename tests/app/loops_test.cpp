// Services on four loops and on loops of their own that speak with each other while they start,
// crash, start again and stop. For the thread sanitizer: what each counts belongs to its loop.

#include <aio/app/app.hpp>
#include <aio/async/sleep.hpp>
#include <aio/signal/bus.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/run_app.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>

using namespace aio;
using namespace std::chrono_literals;

namespace {

std::string peer(int number, const std::string& more) {
    std::string text =
        fmt::format("[service/p{}]\nclass = probe.peer\nbeat = 1ms\npeers =", number);
    for (int other = 0; other < 8; ++other)
        text += other == number ? "" : fmt::format("\n    p{}", other);
    return text + "\n" + more;
}

std::string crashing(const char* after) {
    return std::string("supervisor = s\nrestart = on_failure\ncrash_after = ") + after + "\n";
}

std::string eight_peers() {
    return fmt::format(
               "[aio]\nloops = 4\nmodule_path =\n    {}/tests/modules\n    {}/lib/aio/modules\n"
               "[logger_root]\nhandlers =\n"
               "[supervisor/s]\nstrategy = rest_for_one\nmax_restarts = 1000000\nbackoff = 1ms\n",
               AIO_BINARY_DIR,
               AIO_BINARY_DIR
           ) +
           peer(0, "loop = 0\n") + peer(1, "loop = 1\nqueue = 3\npolicy = 0\n") +
           peer(2, "loop = 2\nqueue = 2\npolicy = 1\nslow = 3ms\n") +
           peer(3, "loop = 3\nqueue = 2\npolicy = 2\nslow = 3ms\n") +
           peer(4, "loop = own\nqueue = 50\ndepends = service/p1\n") +
           peer(5, "loop = 1\n" + crashing("20ms")) +
           peer(6, "loop = own\ndepends = service/p5\n" + crashing("33ms")) +
           peer(7, "loop = 3\nqueue = 1\ndepends = service/p6\n" + crashing("47ms"));
}

std::uint64_t deliveries(app::app& application, const std::string& name) {
    for (const auto& each : application.signals().statistics())
        if (each.name == name)
            return each.deliveries;
    return 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_loops)

BOOST_AUTO_TEST_CASE(services_on_four_loops_emit_to_each_other_over_crashes_and_restarts) {
    for (int round = 0; round < 3; ++round) {
        testing::captured_log log;
        testing::run(
            eight_peers(),
            [&log](app::app& app) -> task<void> {
                app.signals().listen("murmured", [](const signal::event&) {});
                while (log.count("runs again") < 12 || deliveries(app, "said") < 1000 ||
                       deliveries(app, "murmured") < 50)
                    co_await sleep(1ms);
                const auto counts = (co_await app.statistics()).units;
                BOOST_TEST(std::ranges::count_if(counts, [](const auto& one) {
                               return one.restarts > 0;
                           }) >= 2);
            },
            60s,
            testing::app_options(log)
        );
        BOOST_TEST(log.has("INFO(aio): Stopped"));
        BOOST_TEST(!log.has("Error calling listener"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
