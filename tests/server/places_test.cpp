#include <aio/server/places.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace aio::server;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(places_)

BOOST_AUTO_TEST_CASE(there_are_as_many_as_the_limit_says) {
    places two(2);
    BOOST_TEST(two.take() == 1u);
    BOOST_TEST(two.take() == 2u);
    BOOST_TEST(two.take() == 0u);
    BOOST_TEST(two.taken() == 2u);
    BOOST_TEST(!two.give_back()); // nobody has asked to be woken
    BOOST_TEST(two.take());
}

BOOST_AUTO_TEST_CASE(one_that_waits_is_woken_by_whatever_gives_a_place_back) {
    places one(1);
    BOOST_TEST(one.take()); // a lane whose accept is about to fail
    BOOST_TEST(!one.take());
    BOOST_TEST(!one.wait()); // another lane waits
    BOOST_TEST(one.give_back());
    BOOST_TEST(!one.wait() == false); // a free place is seen at once
}

BOOST_AUTO_TEST_CASE(a_place_that_became_free_before_the_wait_wakes_all) {
    places one(1);
    BOOST_TEST(one.take());
    BOOST_TEST(!one.take());     // a lane that is about to wait
    BOOST_TEST(!one.take());     // a second one
    BOOST_TEST(!one.wait());     // the second one waits
    BOOST_TEST(one.give_back()); // and is woken with all others,
    BOOST_TEST(one.wait());      // so the first need not wait,
    BOOST_TEST(one.take());
    BOOST_TEST(!one.give_back()); // and nobody is left who waits
}

// Each of the threads waits until it is woken; a wake-up that gets lost would leave it waiting.
BOOST_AUTO_TEST_CASE(no_wake_up_is_lost_between_threads) {
    constexpr int threads = 4, rounds = 5000;
    places one(1);
    std::atomic<int> woken{0};
    std::atomic<int> most{0};
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                while (!one.take()) {
                    const int before = woken;
                    if (one.take())
                        break;
                    if (one.wait()) {
                        ++woken;
                        woken.notify_all();
                    } else {
                        woken.wait(before);
                    }
                }
                most = std::max<int>(most, static_cast<int>(one.taken()));
                if (one.give_back()) {
                    ++woken;
                    woken.notify_all();
                }
            }
        });
    for (std::thread& each : all)
        each.join();
    BOOST_TEST(one.taken() == 0u);
    BOOST_TEST(most == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fullness_)

BOOST_AUTO_TEST_CASE(the_log_hears_of_it_once_until_a_tenth_is_free) {
    fullness log;
    BOOST_TEST(log.full(1s).value() == 0u);
    BOOST_TEST(!log.full(2s));
    BOOST_TEST(!log.left(3s, 99, 100));
    BOOST_TEST(!log.full(4s));
    BOOST_TEST(!log.left(5s, 91, 100));
    BOOST_TEST((log.left(6s, 90, 100).value() == 5s));
    BOOST_TEST(!log.left(7s, 89, 100));
}

BOOST_AUTO_TEST_CASE(at_most_once_a_minute_with_the_number_of_times_left_out) {
    fullness log;
    BOOST_TEST(log.full(0s).value() == 0u);
    BOOST_TEST(log.left(1s, 0, 1).has_value());
    for (int i = 2; i < 60; i += 2) {
        BOOST_TEST(!log.full(std::chrono::seconds(i)));
        BOOST_TEST(!log.left(std::chrono::seconds(i + 1), 0, 1));
    }
    BOOST_TEST(log.full(60s).value() == 29u);
    BOOST_TEST((log.left(62s, 0, 1).value() == 2s));
}

BOOST_AUTO_TEST_CASE(a_full_time_that_lasts_is_said_when_the_minute_is_over) {
    fullness log;
    BOOST_TEST(!log.unsaid_until());
    BOOST_TEST(log.full(10s).value() == 0u);
    BOOST_TEST(!log.unsaid_until());
    BOOST_TEST(log.left(11s, 0, 1).has_value());
    BOOST_TEST(!log.full(12s));
    BOOST_TEST((log.unsaid_until().value() == 70s));
    BOOST_TEST(!log.full(69s));
    BOOST_TEST(log.full(70s).value() == 0u); // it is the one that is said
    BOOST_TEST(!log.unsaid_until());
    BOOST_TEST((log.left(72s, 0, 1).value() == 60s));
    BOOST_TEST(!log.unsaid_until());
}

// A connection of another loop has found no place at a time that this loop has not noted yet.
BOOST_AUTO_TEST_CASE(loops_with_different_times_make_no_negative_time) {
    fullness log;
    log.full(5s);
    BOOST_TEST((log.left(4s, 0, 1).value() == 0s));
}

BOOST_AUTO_TEST_CASE(of_few_places_one_is_enough) {
    for (const std::size_t limit : {1u, 2u, 9u, 19u}) {
        fullness log;
        log.full(0s);
        BOOST_TEST(!log.left(1s, limit, limit));
        BOOST_TEST(log.left(1s, limit - 1, limit).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
