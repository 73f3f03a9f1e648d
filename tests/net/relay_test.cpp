#include "scripted_wire.hpp"
#include "secured.hpp"

#include <aio/net/deadlines.hpp>
#include <aio/net/error.hpp>
#include <aio/net/relay.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;

namespace {

struct result {
    std::optional<relayed> passed;
    std::error_code why;
    bool late = false;

    bool over() const { return passed || why || late; }
};

task<void> tie(stream& first, stream& second, result& into) {
    try {
        into.passed = co_await relay(first, second);
    } catch (const connection_timeout&) {
        into.late = true;
    } catch (const std::system_error& e) {
        into.why = e.code();
    } catch (const boost::system::system_error& e) {
        into.why = e.code();
    }
}

/// One connection of the two that are tied together.
struct leg {
    explicit leg(aio::async::loop& home) {
        auto [ours, theirs] = support::tcp_pair();
        far.emplace(std::move(theirs));
        near = adopt(home, std::move(ours));
    }

    /// Whether the other end gets a reset, and no end.
    bool was_reset() {
        try {
            far->receive_all();
            return false;
        } catch (const std::system_error& e) {
            return e.code() == std::errc::connection_reset;
        }
    }

    stream near;
    std::optional<support::peer> far;
};

struct relays : support::by_hand, support::loop_under_test {
    relays() : loop_under_test(time) {}

    void begin() {
        group.spawn("relay", tie(first.near, second.near, got));
        settle();
        BOOST_TEST(!got.over());
    }

    void spawn(leg& one, leg& other, result& into, bool turned) {
        leg& first_of_both = turned ? other : one;
        leg& second_of_both = turned ? one : other;
        group.spawn("relay", tie(first_of_both.near, second_of_both.near, into));
    }

    /// An event of a wire.
    void tell(support::script& of_wire, std::uint32_t events) {
        boost::asio::post(loop.executor(), [&of_wire, events] {
            if (of_wire.to)
                of_wire.to->tell(events);
        });
        settle();
    }

    /// Time passes until it is over, ten seconds at most.
    void pass_until_over(const result& into) {
        for (int i = 0; i < 100 && !into.over(); ++i) {
            settle();
            loop_under_test::pass(time, std::chrono::milliseconds(100));
        }
        finish();
    }

    std::string receive(leg& from) {
        until_readable(*from.far);
        return from.far->receive();
    }

    /// How much of `wanted` there is before an end or an error.
    std::size_t receive(leg& from, std::size_t wanted) {
        std::size_t count = 0;
        against([&] {
            try {
                for (std::size_t more = 1; more != 0 && count < wanted; count += more)
                    more = from.far->receive(std::min(wanted - count, std::size_t{65536})).size();
            } catch (const std::system_error&) { // a reset
            }
        });
        return count;
    }

    /// Sends until nobody takes more; the number of bytes.
    std::size_t fill(support::peer& from) {
        const std::string block(65536, 'x');
        std::size_t sent = 0;
        int blocked = 0;
        until([&] {
            const auto count =
                ::send(from.fd(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            blocked = count > 0 ? 0 : blocked + 1;
            sent += count > 0 ? static_cast<std::size_t>(count) : 0;
            loop.poll();
            BOOST_REQUIRE(sent < 256u << 20);
            return blocked > 100;
        });
        return sent;
    }

    static std::size_t unconfirmed(const support::peer& at) {
        int left = 0;
        BOOST_REQUIRE(::ioctl(at.fd(), SIOCOUTQ, &left) == 0);
        return static_cast<std::size_t>(left);
    }

    leg first{loop}, second{loop};
    result got;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(relay_, relays)

BOOST_AUTO_TEST_CASE(both_directions_are_passed_on_and_counted) {
    begin();
    first.far->send("question");
    BOOST_TEST(receive(second) == "question");
    second.far->send("answer");
    BOOST_TEST(receive(first) == "answer");
    first.far->send("one more");
    BOOST_TEST(receive(second) == "one more");
    first.far->end();
    second.far->end();
    finish();
    BOOST_REQUIRE(got.passed.has_value());
    BOOST_TEST(got.passed->forward == 16u);
    BOOST_TEST(got.passed->backward == 6u);
    BOOST_TEST(first.far->receive_all() == "");
    BOOST_TEST(second.far->receive_all() == "");
}

BOOST_AUTO_TEST_CASE(the_end_of_one_side_leaves_the_opposite_direction_open) {
    for (const bool turned : {false, true}) {
        leg asking(loop), answering(loop);
        result mine;
        spawn(asking, answering, mine, turned);
        asking.far->send("question");
        asking.far->end();
        std::string whole;
        against([&] { whole = answering.far->receive_all(); });
        BOOST_TEST(whole == "question");
        settle();
        BOOST_TEST(!mine.over());
        answering.far->send("answer");
        BOOST_TEST(receive(asking) == "answer");
        BOOST_TEST(!asking.far->readable(std::chrono::milliseconds(0)));
        answering.far->end();
        finish();
        BOOST_TEST(asking.far->receive_all() == "");
        BOOST_REQUIRE(mine.passed.has_value());
        BOOST_TEST((turned ? mine.passed->backward : mine.passed->forward) == 8u);
        BOOST_TEST((turned ? mine.passed->forward : mine.passed->backward) == 6u);
    }
}

BOOST_AUTO_TEST_CASE(what_was_peeked_before_is_passed_on_first) {
    auto peeked = [](stream& one, stream& other, result& into) -> task<void> {
        co_await one.peek(4);
        one.consume(2);
        co_await tie(one, other, into);
    };
    first.far->send("ab: ");
    group.spawn("relay", peeked(first.near, second.near, got));
    BOOST_TEST(receive(second) == ": ");
    first.far->end();
    second.far->end();
    finish();
    BOOST_TEST(got.passed->forward == 2u);
}

BOOST_AUTO_TEST_CASE(a_reset_of_either_side_resets_the_other_and_is_thrown) {
    for (const bool turned : {false, true}) {
        leg good(loop), bad(loop);
        result mine;
        spawn(good, bad, mine, turned);
        settle();
        bad.far->reset();
        finish();
        BOOST_TEST((mine.why == std::errc::connection_reset), mine.why.message());
        BOOST_TEST(good.was_reset());
    }
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_resets_the_side_that_it_came_from) {
    begin();
    second.far->end(); // its direction is over: only a write tells of what follows
    until([&] { return first.far->readable(std::chrono::milliseconds(0)); });
    second.far->reset();
    first.far->send("lost");
    until([&] {
        if (!got.over())
            ::send(first.far->fd(), "lost", 4, MSG_NOSIGNAL);
        return got.over();
    });
    finish();
    BOOST_TEST(
        (got.why == std::errc::broken_pipe || got.why == std::errc::connection_reset),
        got.why.message()
    );
    BOOST_CHECK_THROW(while (first.far->send("x"), true);, std::system_error);
}

BOOST_AUTO_TEST_CASE(cancelled_both_sides_are_left_as_they_are) {
    begin();
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    BOOST_TEST((got.why == std::errc::operation_canceled), got.why.message());
    auto echo = [](stream& s) -> task<void> {
        const chunk data = co_await s.read();
        co_await s.write(data);
    };
    for (leg* each : {&first, &second}) {
        each->far->send("still here");
        group.spawn("echo", echo(each->near));
        finish();
        BOOST_TEST(each->far->receive() == "still here");
    }
}

BOOST_AUTO_TEST_CASE(a_slow_side_holds_back_the_other) {
    begin();
    const std::size_t sent = fill(*first.far);
    second.far->send("not held back");
    BOOST_TEST(receive(first) == "not held back");
    first.far->end();
    second.far->end();
    std::size_t received = 0;
    against([&] { received = second.far->receive_all().size(); });
    finish();
    BOOST_TEST(received == sent);
    BOOST_TEST(got.passed->forward == sent);
}

BOOST_AUTO_TEST_CASE(a_stop_of_one_side_is_no_end_of_its_peer) {
    begin();
    first.far->send("half");
    BOOST_TEST(receive(second) == "half");
    core_of(first.near).end_input(end_reason::stopping);
    settle();
    BOOST_TEST(!got.over());
    BOOST_TEST(!second.far->readable(std::chrono::milliseconds(0)));
    second.far->send("answer");
    BOOST_TEST(receive(first) == "answer");
    second.far->end();
    finish();
    BOOST_TEST(got.passed->forward == 4u);
    BOOST_TEST(second.was_reset());
    BOOST_TEST(first.far->receive_all() == "");
}

BOOST_AUTO_TEST_CASE(in_a_stop_it_ends_when_nothing_has_moved_for_a_second) {
    begin();
    core_of(first.near).end_input(end_reason::stopping);
    for (int i = 0; i < 3; ++i) {
        loop_under_test::pass(time, std::chrono::milliseconds(900));
        second.far->send("answer");
        BOOST_TEST(receive(first) == "answer");
    }
    BOOST_TEST(!got.over());
    loop_under_test::pass(time, std::chrono::milliseconds(1900));
    finish();
    BOOST_TEST(got.passed->backward == 18u);
    BOOST_TEST(first.was_reset());
    BOOST_TEST(second.was_reset());
}

BOOST_AUTO_TEST_CASE(in_a_stop_it_waits_for_a_side_that_does_not_read) {
    begin();
    core_of(first.near).end_input(end_reason::stopping);
    const std::size_t sent = fill(*second.far);
    loop_under_test::pass(time, std::chrono::seconds(10));
    BOOST_TEST(!got.over());
    second.far->end();
    std::size_t received = 0;
    against([&] { received = first.far->receive_all().size(); });
    finish();
    BOOST_TEST(received == sent);
}

BOOST_AUTO_TEST_CASE(the_silence_of_one_side_ends_both) {
    for (const bool turned : {false, true}) {
        leg silent(loop), other(loop);
        result mine;
        spawn(silent, other, mine, turned);
        silent.far->send("half");
        BOOST_TEST(receive(other) == "half");
        core_of(silent.near).end_input(end_reason::idle);
        finish();
        BOOST_TEST((turned ? mine.passed->backward : mine.passed->forward) == 4u);
        BOOST_TEST(silent.was_reset());
        BOOST_TEST(other.was_reset());
    }
}

BOOST_AUTO_TEST_CASE(a_stop_after_the_end_of_a_peer_waits_for_a_second_of_silence_as_well) {
    begin();
    first.far->end();
    against([&] { BOOST_TEST(second.far->receive_all() == ""); });
    loop_under_test::pass(time, std::chrono::seconds(10));
    BOOST_TEST(!got.over());
    core_of(first.near).end_input(end_reason::stopping);
    loop_under_test::pass(time, std::chrono::milliseconds(900));
    second.far->send("answer");
    BOOST_TEST(receive(first) == "answer");
    loop_under_test::pass(time, std::chrono::milliseconds(1900));
    finish();
    BOOST_TEST(got.passed->backward == 6u);
    BOOST_TEST(first.was_reset());
}

BOOST_AUTO_TEST_CASE(a_side_that_is_closed_after_the_end_of_its_peer_ends_both) {
    begin();
    first.far->end();
    against([&] { BOOST_TEST(second.far->receive_all() == ""); });
    BOOST_TEST(!got.over());
    first.near.close(); // as a server closes a connection that is silent for too long
    finish();
    BOOST_TEST(got.passed.has_value());
    BOOST_CHECK_THROW(while (second.far->send("x"), true);, std::system_error);
}

BOOST_AUTO_TEST_CASE(a_reset_after_the_end_of_a_peer_ends_both) {
    for (const bool turned : {false, true}) {
        leg silent(loop), gone(loop);
        result mine;
        spawn(gone, silent, mine, turned);
        gone.far->end();
        against([&] { BOOST_TEST(silent.far->receive_all() == ""); });
        settle();
        BOOST_TEST(!mine.over());
        gone.far->reset();
        finish();
        BOOST_TEST((mine.why == std::errc::broken_pipe), mine.why.message());
        BOOST_CHECK_THROW(while (silent.far->send("x"), true);, std::system_error);
    }
}

BOOST_AUTO_TEST_CASE(a_reset_ends_both_while_the_other_side_does_not_read) {
    for (const bool turned : {false, true}) {
        leg deaf(loop), gone(loop);
        result mine;
        spawn(gone, deaf, mine, turned);
        fill(*gone.far);
        gone.far->reset();
        settle();
        BOOST_TEST(!mine.over());
        pass_until_over(mine);
        BOOST_TEST((mine.why == std::errc::connection_reset), mine.why.message());
        BOOST_TEST(deaf.was_reset());
    }
}

// A server that answers, and closes without reading the rest of the request: its system resets the
// connection right behind the answer.
BOOST_AUTO_TEST_CASE(what_came_before_a_reset_reaches_a_side_that_is_slow) {
    for (const bool asks : {false, true}) {
        leg slow(loop), gone(loop);
        result mine;
        spawn(slow, gone, mine, false);
        if (asks)
            fill(*slow.far); // a write waits, and fails
        const std::size_t sent = fill(*gone.far);
        const std::size_t came = sent - unconfirmed(*gone.far);
        gone.far->reset();
        settle();
        BOOST_TEST(!mine.over());
        BOOST_TEST(receive(slow, came) == came);
        pass_until_over(mine);
        BOOST_TEST(
            (mine.why == std::errc::connection_reset || mine.why == std::errc::broken_pipe),
            mine.why.message()
        );
        BOOST_TEST(slow.was_reset());
    }
}

BOOST_AUTO_TEST_CASE(a_slow_side_is_waited_for_as_long_as_it_takes_something) {
    leg slow(loop), gone(loop);
    result mine;
    spawn(slow, gone, mine, false);
    fill(*gone.far);
    gone.far->reset();
    settle();
    for (int i = 0; i < 3; ++i) {
        loop_under_test::pass(time, std::chrono::milliseconds(900));
        BOOST_TEST(!mine.over());
        BOOST_TEST(receive(slow, 700'000) == 700'000u);
        settle();
    }
    pass_until_over(mine);
    BOOST_TEST((mine.why == std::errc::connection_reset), mine.why.message());
}

BOOST_AUTO_TEST_CASE(the_reset_of_a_wire_comes_after_what_it_has_received) {
    for (const bool deaf : {false, true}) {
        support::script answering, taking;
        stream from = adopt(loop, std::make_unique<support::scripted_wire>(answering));
        stream into = adopt(loop, std::make_unique<support::scripted_wire>(taking));
        result mine;
        group.spawn("relay", tie(from, into, mine));
        answering.input = std::string(100'000, 'x');
        taking.room = 10;
        tell(answering, EPOLLIN);
        BOOST_TEST(taking.sent.size() == 10u);
        answering.error = ECONNRESET;
        tell(answering, EPOLLERR | EPOLLHUP | EPOLLIN);
        BOOST_TEST(!mine.over());
        loop_under_test::pass(time, std::chrono::milliseconds(900));
        if (!deaf) {
            taking.room = support::no_limit;
            tell(taking, EPOLLOUT);
        }
        loop_under_test::pass(time, std::chrono::milliseconds(200));
        finish();
        BOOST_TEST((mine.why == std::errc::connection_reset), mine.why.message());
        BOOST_TEST(taking.sent.size() == (deaf ? 10u : 100'000u));
        BOOST_TEST((taking.closed == wire::closing::reset));
    }
}

BOOST_AUTO_TEST_CASE(a_reset_is_passed_on_as_soon_as_what_came_before_it_is_confirmed) {
    support::script answering, taking;
    stream from = adopt(loop, std::make_unique<support::scripted_wire>(answering));
    stream into = adopt(loop, std::make_unique<support::scripted_wire>(taking));
    result mine;
    group.spawn("relay", tie(from, into, mine));
    answering.input = "the answer";
    answering.error = ECONNRESET;
    taking.unconfirmed = 10;
    tell(answering, EPOLLERR | EPOLLHUP | EPOLLIN);
    loop_under_test::pass(time, std::chrono::milliseconds(100));
    BOOST_TEST(taking.sent == "the answer");
    BOOST_TEST(!mine.over());
    taking.unconfirmed = 0;
    loop_under_test::pass(time, std::chrono::milliseconds(20));
    finish();
    BOOST_TEST((mine.why == std::errc::connection_reset), mine.why.message());
}

BOOST_AUTO_TEST_CASE(the_patience_of_a_side_counts_and_both_are_reset) {
    second.near.patience(std::chrono::seconds(10), std::nullopt);
    begin();
    loop_under_test::pass(time, std::chrono::seconds(9));
    BOOST_TEST(!got.over());
    loop_under_test::pass(time, std::chrono::seconds(2));
    finish();
    BOOST_TEST(got.late);
    BOOST_TEST(first.was_reset());
    BOOST_TEST(second.was_reset());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct secured_relay : support::secured {
    secured_relay() {
        std::signal(SIGPIPE, SIG_IGN);
        auto [ours, theirs] = support::tcp_pair();
        near = accept_on(std::move(ours), session());
        client.emplace(support::peer(std::move(theirs)), support::tls_peer::options());
        group.spawn("relay", tie(near, plain.near, got));
        against([this] { BOOST_REQUIRE(client->connect()); });
    }

    stream near;
    leg plain{loop};
    std::optional<support::tls_peer> client;
    result got;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(relay_with_tls, secured_relay)

BOOST_AUTO_TEST_CASE(one_side_is_encrypted_and_ends_are_passed_on) {
    const std::string large(1u << 20, 'x');
    std::string received;
    against([&] {
        client->send("question");
        BOOST_TEST(plain.far->receive_exactly(8) == "question");
        client->end();
        BOOST_TEST(plain.far->receive_all() == "");
    });
    BOOST_TEST(!got.over());
    std::thread answering([&] {
        plain.far->send(large);
        plain.far->end();
    });
    against([&] { received = client->receive_exactly(large.size() + 1); });
    answering.join();
    finish();
    BOOST_TEST((received == large + "(end)"));
    BOOST_REQUIRE(got.passed.has_value());
    BOOST_TEST(got.passed->forward == 8u);
    BOOST_TEST(got.passed->backward == large.size());
}

BOOST_AUTO_TEST_CASE(an_end_without_close_notify_is_not_passed_on_as_an_end) {
    against([&] {
        client->send("half");
        BOOST_TEST(plain.far->receive_exactly(4) == "half");
    });
    client->over().end();
    finish();
    BOOST_TEST((got.why == errc::truncated), got.why.message());
    BOOST_TEST(plain.was_reset());
}

BOOST_AUTO_TEST_SUITE_END()
