#include <aio/app/loop_watch.hpp>
#include <aio/async/loop.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace aio::app;
using namespace std::chrono_literals;
using aio::async::loop;

namespace {

std::string no_stack(pthread_t) {
    return "    frame\n";
}

/// A loop whose answers the test gives.
struct watched {
    aio::async::activity turns;
    aio::base::duration busy{0};
    int asked = 0;
    bool owes = false;
    std::vector<aio::base::duration> recovered;

    watched_loop as_loop() {
        watched_loop made;
        made.name = "main";
        made.thread = ::pthread_self();
        made.turns = &turns;
        made.busy_for = [this] {
            ++asked;
            return busy;
        };
        made.owes_answer = [this] { return owes; };
        made.recovered = [this](aio::base::duration longest) { recovered.push_back(longest); };
        return made;
    }
};

struct fixture {
    int rung = 0;
    watched loop;
    loop_watch watch{[this] { ++rung; }};

    fixture() { watch.add(loop.as_loop()); }

    std::string look() { return watch.look(1s, no_stack); }

    void turn() {
        loop.turns.begin();
        loop.turns.end();
    }

    void until_asleep() {
        while (watch.attention() != attention::asleep)
            BOOST_TEST(look() == "");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(app_loop_watch)

BOOST_AUTO_TEST_CASE(it_falls_asleep_in_two_steps_and_wakes_in_one) {
    using enum attention;
    for (const attention now : {awake, drowsy, asleep})
        BOOST_TEST((next_attention(now, false) == awake));
    BOOST_TEST((next_attention(awake, true) == drowsy));
    BOOST_TEST((next_attention(drowsy, true) == asleep));
    BOOST_TEST((next_attention(asleep, true) == asleep));
}

BOOST_FIXTURE_TEST_CASE(a_loop_that_rests_is_not_asked, fixture) {
    until_asleep();
    BOOST_TEST(loop.asked == 0);
    BOOST_TEST(rung == 0);
}

BOOST_FIXTURE_TEST_CASE(a_loop_that_begins_to_work_rings_once, fixture) {
    until_asleep();
    turn();
    turn();
    BOOST_TEST(rung == 1);
    look();
    BOOST_TEST((watch.attention() == attention::awake));
    BOOST_TEST(loop.asked == 1);
}

BOOST_FIXTURE_TEST_CASE(what_it_does_between_two_looks_keeps_it_awake, fixture) {
    for (int i = 0; i < 5; ++i) {
        turn();
        look();
        BOOST_TEST((watch.attention() == attention::awake));
    }
    BOOST_TEST(loop.asked == 5);
}

BOOST_FIXTURE_TEST_CASE(work_that_begins_while_it_falls_asleep_is_seen, fixture) {
    look();
    BOOST_TEST((watch.attention() == attention::drowsy));
    loop.turns.begin();
    BOOST_TEST(rung == 1);
    look();
    BOOST_TEST((watch.attention() == attention::awake));
    loop.turns.end();
}

BOOST_FIXTURE_TEST_CASE(a_turn_that_lasts_is_reported_once_and_its_end_is_told, fixture) {
    until_asleep();
    loop.turns.begin();
    BOOST_TEST(look() == "");
    loop.busy = 999ms;
    BOOST_TEST(look() == "");
    loop.busy = 1s;
    const std::string text = look();
    BOOST_TEST(text.find("loop main has been in one call for 1s\n    frame\n") != text.npos);
    loop.busy = 3s;
    BOOST_TEST(look() == "");
    BOOST_TEST((watch.attention() == attention::awake));
    loop.turns.end();
    loop.busy = 0s;
    BOOST_TEST(look() == "");
    BOOST_TEST(
        loop.recovered == std::vector<aio::base::duration>{3s}, boost::test_tools::per_element()
    );
}

BOOST_FIXTURE_TEST_CASE(one_that_owes_an_answer_does_not_rest, fixture) {
    loop.owes = true;
    for (int i = 0; i < 3; ++i)
        look();
    BOOST_TEST(loop.asked == 3);
    BOOST_TEST((watch.attention() == attention::awake));
}

BOOST_FIXTURE_TEST_CASE(one_that_is_removed_rings_no_more, fixture) {
    until_asleep();
    watch.remove(::pthread_self());
    turn();
    BOOST_TEST(rung == 0);
    BOOST_TEST(watch.empty());
}

BOOST_AUTO_TEST_SUITE_END()
