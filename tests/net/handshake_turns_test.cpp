#include "fixture.hpp"

#include <aio/net/handshake_turns.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using aio::net::handshake_turns;
using aio::net::poller;

namespace {

struct turns_under_test : support::by_hand, support::loop_under_test {
    turns_under_test() : loop_under_test(time) {}

    struct place final : handshake_turns::place {
        place(turns_under_test& test, int name) : in(test), number(name) {}

        void step() override {
            in.note(number);
            if (in.then)
                in.then(number);
        }

        turns_under_test& in;
        int number;
    };

    void note(int number) { steps += std::to_string(number) + " "; }

    /// In a turn of the loop.
    void ask(int first, int last) {
        loop.post([this, first, last] {
            for (int i = first; i <= last; ++i) {
                all.push_back(std::make_unique<place>(*this, i));
                if (turns.take(*all.back()))
                    note(i);
            }
            steps += "| ";
        });
        settle();
    }

    poller& on = poller::of(loop);
    handshake_turns& turns = handshake_turns::of(on);
    std::vector<std::unique_ptr<place>> all;
    std::string steps;
    std::function<void(int)> then;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handshake_turns_, turns_under_test)

BOOST_AUTO_TEST_CASE(a_turn_begins_no_step_when_it_has_spent_some_time_on_them) {
    using namespace std::chrono_literals;
    BOOST_TEST(handshake_turns::has_another(0, 1h));
    BOOST_TEST(handshake_turns::has_another(1, 249us));
    BOOST_TEST(!handshake_turns::has_another(1, 250us));
    BOOST_TEST(handshake_turns::has_another(3, 0s));
    BOOST_TEST(!handshake_turns::has_another(4, 0s));
}

BOOST_AUTO_TEST_CASE(a_turn_has_four_steps_and_the_others_follow_in_order) {
    ask(1, 10);
    BOOST_TEST(steps == "1 2 3 4 | 5 6 7 8 9 10 ");
}

BOOST_AUTO_TEST_CASE(a_newcomer_does_not_overtake_those_that_wait) {
    then = [this](int number) {
        if (number != 5)
            return;
        all.push_back(std::make_unique<place>(*this, 99));
        BOOST_TEST(!turns.take(*all.back()));
    };
    ask(1, 6);
    BOOST_TEST(steps == "1 2 3 4 | 5 6 99 ");
}

BOOST_AUTO_TEST_CASE(other_work_of_the_loop_comes_between_two_turns) {
    std::vector<std::uint32_t> in_turn;
    then = [&](int) { in_turn.push_back(on.turn()); };
    ask(1, 20);
    BOOST_REQUIRE(in_turn.size() == 16u);
    for (std::size_t i = 0; i < in_turn.size(); ++i)
        BOOST_TEST(in_turn[i] == in_turn[0] + i / 4);
}

BOOST_AUTO_TEST_CASE(a_second_request_changes_nothing) {
    loop.post([this] {
        for (int i = 1; i <= 6; ++i)
            all.push_back(std::make_unique<place>(*this, i));
        for (int k = 0; k < 2; ++k)
            for (int i = 4; i < 6; ++i)
                (void)turns.take(*all[static_cast<std::size_t>(i)]);
    });
    settle();
    BOOST_TEST(steps == "");
    ask(10, 13); // two of the four steps were given to 5 and 6, twice
    BOOST_TEST(steps.find("5") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_place_that_goes_leaves_the_queue) {
    then = [this](int number) {
        if (number == 5)
            all.clear(); // the one that steps, too
    };
    ask(1, 10);
    BOOST_TEST(steps == "1 2 3 4 | 5 ");
}

BOOST_AUTO_TEST_CASE(an_exception_of_one_does_not_hold_up_the_others) {
    then = [](int number) {
        if (number == 6)
            throw std::runtime_error("six");
    };
    int thrown = 0;
    loop.post([this] {
        for (int i = 1; i <= 10; ++i) {
            all.push_back(std::make_unique<place>(*this, i));
            (void)turns.take(*all.back());
        }
    });
    for (int i = 0; i < 20; ++i)
        try {
            loop.poll();
        } catch (const std::runtime_error&) {
            ++thrown;
        }
    BOOST_TEST(thrown == 1);
    BOOST_TEST(steps == "5 6 7 8 9 10 ");
}

BOOST_AUTO_TEST_SUITE_END()
