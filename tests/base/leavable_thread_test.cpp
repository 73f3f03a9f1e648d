#include <aio/base/leavable_thread.hpp>

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <utility>

using aio::base::leavable_thread;

BOOST_AUTO_TEST_SUITE(a_leavable_thread)

BOOST_AUTO_TEST_CASE(can_be_waited_for_to_its_end) {
    int calls = 0;
    leavable_thread one([&] { ++calls; });
    one.join();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(that_has_not_returned_in_time_is_left_and_keeps_what_it_owns) {
    std::promise<void> go;
    std::promise<int> seen;
    {
        leavable_thread one([&, own = std::make_shared<int>(7)] {
            go.get_future().wait();
            seen.set_value(*own);
        });
        BOOST_TEST(!one.join_until(std::chrono::steady_clock::now()));
    }
    go.set_value();
    BOOST_TEST(seen.get_future().get() == 7);
}

BOOST_AUTO_TEST_CASE(that_has_returned_has_let_go_of_what_it_owned) {
    auto held = std::make_shared<int>(7);
    const std::weak_ptr<int> watched = held;
    leavable_thread one([held = std::move(held)] {});
    BOOST_TEST(one.join_until(leavable_thread::time_point::max()));
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_SUITE_END()
