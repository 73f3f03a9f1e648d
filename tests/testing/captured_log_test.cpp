#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

using namespace aio;
using namespace std::chrono_literals;
using testing::captured_log;

namespace {

/// Nothing of it reaches the terminal.
struct quiet {
    log::tree tree;
    captured_log log;

    quiet() {
        BOOST_TEST(!tree.configure(log::spec{}).failed());
        tree.set_level("", log::level::info);
        log.attach(tree);
    }
};

task<void> speak(log::tree& on) {
    co_await sleep(1ms);
    on.get("a").info("too early");
    co_await sleep(1ms);
    on.get("a").warning("number {}", 3);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(captured_log_, quiet)

BOOST_AUTO_TEST_CASE(what_was_logged_is_seen) {
    tree.get("a.b").info("one {}", 1);
    tree.get("a.b").debug("not there");
    tree.root().error("two");
    BOOST_TEST(
        log.texts() == (std::vector<std::string>{"INFO(a.b): one 1", "ERROR(root): two"}),
        boost::test_tools::per_element()
    );
    BOOST_TEST(log.has("INFO(a.b)"));
    BOOST_TEST(!log.has("three"));
    BOOST_TEST(log.count("o") == 2u);
    BOOST_TEST(log.count(log::level::warning) == 1u);
    log.clear();
    BOOST_TEST(log.entries().empty());
}

AIO_FIXTURE_TEST_CASE(a_record_can_be_waited_for, quiet) {
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    async::task_group group(here);
    group.spawn("speak", speak(tree));
    const captured_log::entry found = co_await log.wait_for("number 3");
    BOOST_TEST(found.text() == "WARNING(a): number 3");
    BOOST_TEST((co_await log.wait_for("too early")).logger == "a");
    co_await group.join();
}

AIO_FIXTURE_TEST_CASE(a_record_of_another_thread_wakes_the_test, quiet) {
    std::thread other([this] { tree.get("a").info("from elsewhere"); });
    co_await log.wait_for("from elsewhere");
    other.join();
}

AIO_FIXTURE_TEST_CASE(waiting_can_be_given_up, quiet) {
    bool timed_out = false;
    try {
        co_await async::with_timeout(5ms, [](captured_log& of) -> task<void> {
            co_await of.wait_for("never");
        }(log));
    } catch (const timeout_error&) {
        timed_out = true;
    }
    BOOST_TEST(timed_out);
    tree.root().info("never");
}

BOOST_AUTO_TEST_SUITE_END()
