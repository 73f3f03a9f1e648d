#include <aio/app/app.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/run_app.hpp>

#include <boost/test/unit_test.hpp>

#include <future>

using namespace aio;
using namespace std::chrono_literals;

namespace {

task<void> stop(app::app& app) {
    co_await app.stop();
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_blocked_loop)

BOOST_AUTO_TEST_CASE(a_stop_names_whom_it_waits_for_on_a_blocked_loop) {
    testing::captured_log log;
    testing::run(
        "[aio]\nloops = 2\n[schedule/t]\nevery = 1h\nfunc = aio.examples.tick\nloop = 1\n",
        [&log](app::app& app) -> task<void> {
            std::promise<void> unblock;
            app.loops()[1]->post([&unblock] { unblock.get_future().wait(); });
            async::task_group stopping(app.main_loop(), "test");
            stopping.spawn("stop", stop(app));
            while (!log.has("Waiting for schedule/t, whose loop loop-1 does not answer"))
                co_await sleep(1ms);
            unblock.set_value();
            co_await stopping.join();
        },
        60s,
        testing::app_options(log)
    );
    BOOST_TEST(log.has("Stopped"));
}

BOOST_AUTO_TEST_SUITE_END()
