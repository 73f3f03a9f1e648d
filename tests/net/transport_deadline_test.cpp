#include "called_back.hpp"

#include <aio/net/error.hpp>

#include <chrono>
#include <string>
#include <system_error>

// Deadlines of transports, by a clock that the test moves.

using namespace aio::net;
using namespace std::chrono_literals;

namespace {

struct timed : support::by_hand, support::called_back {
    timed() : called_back(time) {}

    void pass(aio::base::duration amount) { loop_under_test::pass(time, amount); }

    transport& to() { return *all.to; }

    void receive_until_over() {
        until([&] {
            if (!all.over && far->readable(0ms))
                std::ignore = far->receive();
            return all.over;
        });
    }
};

/// More than the system keeps for a peer that does not read.
std::string much() {
    return std::string(12 << 20, 'x');
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_deadline, timed)

BOOST_AUTO_TEST_CASE(at_the_deadline_a_last_answer_goes_out_and_the_connection_closes) {
    to().expires_in(10s);
    pass(9s);
    BOOST_TEST(all.expiries == 0);
    pass(1s);
    BOOST_TEST(all.expiries == 1);
    BOOST_TEST(far->receive() == "too late");
    BOOST_TEST(far->receive() == "");
    far->end();
    until([&] { return all.over; });
    BOOST_TEST((all.why == errc::expired));
    BOOST_TEST(all.lost == 1);
}

BOOST_AUTO_TEST_CASE(a_connection_that_sets_another_deadline_goes_on) {
    all.on_expired = [](transport& t) {
        t.write("ping");
        t.expires_in(5s);
    };
    to().expires_in(10s);
    pass(5s);
    for (int i = 0; i < 5; ++i) {
        pass(5s);
        BOOST_TEST(all.expiries == i + 1);
        BOOST_TEST(far->receive() == "ping");
        BOOST_TEST(all.lost == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_taken_back_does_not_come) {
    to().expires_in(10s);
    pass(9s);
    to().expires_never();
    pass(100h);
    BOOST_TEST(all.expiries == 0);
    to().expires_in(10s);
    to().expires_in(20s);
    pass(19s);
    BOOST_TEST(all.expiries == 0);
    pass(1s);
    BOOST_TEST(all.expiries == 1);
}

BOOST_AUTO_TEST_CASE(patience_for_reading_begins_anew_with_data) {
    to().patience(10s, {});
    for (int i = 0; i < 5; ++i) {
        pass(9s);
        far->send("x");
        until([&] { return all.got.size() == static_cast<std::size_t>(i) + 1; });
    }
    BOOST_TEST(all.expiries == 0);
    pass(10s);
    BOOST_TEST(all.expiries == 1);
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_paused_reading_does_not_wait_for_data) {
    to().patience(10s, {});
    to().pause_reading();
    pass(1h);
    BOOST_TEST(all.expiries == 0);
    to().resume_reading();
    pass(9s);
    BOOST_TEST(all.expiries == 0);
    pass(1s);
    BOOST_TEST(all.expiries == 1);
}

BOOST_AUTO_TEST_CASE(a_deadline_counts_while_reading_is_paused) {
    to().expires_in(10s);
    to().pause_reading();
    pass(10s);
    BOOST_TEST(all.expiries == 1);
}

BOOST_AUTO_TEST_CASE(data_that_has_arrived_is_handed_over_before_it_expires) {
    // the loop has no event of the data when the time is up
    const support::at_moment send(loop, 10s, [&] {
        far->send("x");
        far->arrived();
    });
    to().patience(10s, {});
    pass(10s);
    BOOST_TEST(all.got == "x");
    pass(9s);
    BOOST_TEST(all.expiries == 0);
    pass(1s);
    BOOST_TEST(all.expiries == 1);
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_nothing_is_reset) {
    to().patience({}, 10s);
    to().write(much());
    settle();
    pass(9s);
    BOOST_TEST(all.lost == 0);
    pass(11s); // what was on its way when the wait began may have arrived in it
    BOOST_TEST(all.lost == 1);
    BOOST_TEST((all.why == errc::too_slow));
    BOOST_TEST(all.over);
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_everything_is_not_waited_for) {
    to().patience({}, 10s);
    to().write(much());
    until([&] {
        if (far->readable(0ms))
            std::ignore = far->receive();
        return all.to->buffered() == 0;
    });
    pass(1h);
    BOOST_TEST(all.lost == 0);
}

BOOST_AUTO_TEST_CASE(a_last_answer_that_nobody_reads_has_an_end) {
    all.on_expired = [](transport& t) { t.write(much()); };
    to().expires_in(10s);
    pass(10s);
    BOOST_TEST(all.expiries == 1);
    BOOST_TEST(all.lost == 0);
    pass(59s);
    BOOST_TEST(all.lost == 0);
    pass(1s);
    BOOST_TEST(all.lost == 1);
    BOOST_TEST((all.why == errc::expired));
}

BOOST_AUTO_TEST_CASE(expired_may_close_or_abort_itself) {
    all.on_expired = [](transport& t) { t.close(); };
    to().expires_in(10s);
    pass(10s);
    far->end();
    receive_until_over();
    BOOST_TEST(!all.why);

    support::notes mine;
    std::optional<support::peer> other;
    begin(mine, other);
    mine.on_expired = [](transport& t) { t.abort(); };
    mine.to->expires_in(10s);
    pass(10s);
    BOOST_TEST(mine.over);
    BOOST_TEST((mine.why == std::errc::connection_aborted));
}

BOOST_AUTO_TEST_CASE(an_exception_out_of_expired_closes_the_connection) {
    all.on_expired = [](transport&) { throw std::runtime_error("a mistake"); };
    to().expires_in(10s);
    pass(10s);
    far->end();
    receive_until_over();
    BOOST_TEST(all.crashes == 1);
    BOOST_TEST(all.lost == 1);
}

BOOST_AUTO_TEST_CASE(a_deadline_set_by_a_callback_in_the_past_comes_at_once) {
    all.on_data = [](transport& t, std::string_view) { t.expires_in(-1s); };
    far->send("x");
    until([&] { return all.expiries == 1; });
}

BOOST_AUTO_TEST_SUITE_END()
