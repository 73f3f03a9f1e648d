// Crashes of a unit that has started itself again, inside, as often as its supervisor allows.

#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;

BOOST_AUTO_TEST_SUITE(tree_used_up)

BOOST_AUTO_TEST_CASE(whose_restarts_are_used_up_already_is_not_started_again_by_the_same) {
    in_world([](world& w) -> task<void> {
        w.supervise("top").max_restarts = 1;
        w.supervise("inner").supervisor = "top";
        w.add("x/a under inner");
        co_await w.start();
        const auto used_up = [&w] {
            w.tree->crashed(
                "x/a", std::make_exception_ptr(service::restarts_used_up("a[1]: enough"))
            );
        };
        w.since();
        used_up(); // as if inner had given up: top starts it again, once
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "keep a, stop a, down a, start a, up a");
        BOOST_TEST(!w.failed);
        used_up();
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "stop a, down a");
        BOOST_TEST(w.failed);
        BOOST_TEST(logged(w, "supervisor/inner: Max restarts exceeded (5 within 10s)"));
        BOOST_TEST(logged(w, "caused by: a[1]: enough"));
    });
}

BOOST_AUTO_TEST_CASE(what_has_used_up_its_restarts_in_a_start_or_a_stop_is_given_up_too) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.how["x/a"].uses_up_its_restarts = true;
        w.how["x/a"].failing_starts = 1;
        BOOST_CHECK_THROW(co_await w.start(), service::start_error);
        BOOST_TEST(w.failed);
        BOOST_TEST(w.since() == "start a");
    });
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        co_await w.start();
        w.tree->hold();
        w.tree->crashed("x/a", std::make_exception_ptr(service::restarts_used_up("enough")));
        co_await aio::sleep(1s);
        BOOST_TEST(w.tree->has_failed());
    });
}

BOOST_AUTO_TEST_SUITE_END()
