#include "fixture.hpp"

#include <aio/net/error.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>

// Deadlines of streams, by a clock that the test moves.

using namespace aio;
using namespace std::chrono_literals;
using net::deadlines;
using net::side;

namespace {

struct timed : support::by_hand, support::loop_under_test {
    timed() : loop_under_test(time) {
        auto [ours, other] = support::tcp_pair();
        far.emplace(std::move(other));
        near = net::adopt(loop, std::move(ours));
    }

    void pass(base::duration amount) { loop_under_test::pass(time, amount); }

    net::stream near;
    std::optional<support::peer> far;
};

enum class state { waits, done, late, failed };

struct result {
    state now = state::waits;
    std::string text;
    side which{};
    deadlines::end why{};
};

template <typename F>
task<void> note(result& into, F operation) {
    try {
        into.text = co_await operation();
        into.now = state::done;
    } catch (const net::connection_timeout& e) {
        into.now = state::late;
        into.which = e.which;
        into.why = e.why;
    } catch (const std::system_error&) {
        into.now = state::failed;
    }
}

task<std::string> read(net::stream& from) {
    co_return std::string((co_await from.read()).text());
}

task<std::string> write(net::stream& to, std::string text) {
    co_await to.write(text);
    co_return "sent";
}

/// More than the system keeps for a peer that does not read.
std::string much() {
    return std::string(32 << 20, 'x');
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(deadline_, timed)

BOOST_AUTO_TEST_CASE(a_read_that_waits_at_the_deadline_throws) {
    result got;
    near.expires_in(10s);
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(9999ms);
    BOOST_TEST((got.now == state::waits));
    pass(1ms);
    BOOST_TEST((got.now == state::late));
    BOOST_TEST((got.which == side::reading));
    BOOST_TEST((got.why == deadlines::end::deadline));
}

BOOST_AUTO_TEST_CASE(after_the_deadline_a_wait_throws_at_once_and_what_is_there_is_read) {
    near.expires_in(10s);
    pass(11s);
    far->send("hello");
    result got, next;
    until([&] {
        loop.poll();
        if (group.empty() && got.now != state::done)
            group.spawn("read", note(got, [&] { return read(near); }));
        return got.now == state::done;
    });
    BOOST_TEST(got.text == "hello");
    group.spawn("read", note(next, [&] { return read(near); }));
    finish();
    BOOST_TEST((next.now == state::late));
}

BOOST_AUTO_TEST_CASE(after_a_timeout_the_connection_goes_on_with_another_deadline) {
    result got;
    near.expires_in(1s);
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(1s);
    BOOST_TEST((got.now == state::late));
    near.expires_never();
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(100h);
    far->send("hello");
    until([&] { return got.now == state::done; });
    BOOST_TEST(got.text == "hello");
}

BOOST_AUTO_TEST_CASE(nothing_received_is_lost) {
    struct row {
        const char* what;
        task<std::string> (*read)(net::stream&);
    };

    const row rows[] = {
        {"read_exactly",
         [](net::stream& from) -> task<std::string> {
             std::string into(10, ' ');
             co_await from.read_exactly(std::as_writable_bytes(std::span(into)));
             co_return into;
         }},
        {"read_until",
         [](net::stream& from) -> task<std::string> { co_return co_await from.read_until("!"); }},
        {"read_line",
         [](net::stream& from) -> task<std::string> { co_return *co_await from.read_line(); }},
        {"read_to_end",
         [](net::stream& from) -> task<std::string> { co_return co_await from.read_to_end(); }},
    };
    for (const row& each : rows) {
        result got;
        near.expires_in(10s);
        group.spawn("read", note(got, [&] { return each.read(near); }));
        far->send("half");
        far->arrived();
        settle();
        pass(10s);
        BOOST_TEST((got.now == state::late), each.what);
        near.expires_never();
        group.spawn("read", note(got, [&] { return read(near); }));
        until([&] { return got.now == state::done; });
        BOOST_TEST(got.text == "half", each.what);
    }
}

BOOST_AUTO_TEST_CASE(patience_counts_from_the_last_data) {
    std::string into(10, ' ');
    result got;
    near.patience(10s, {});
    group.spawn("read", note(got, [&]() -> task<std::string> {
                    co_await near.read_exactly(std::as_writable_bytes(std::span(into)));
                    co_return into;
                }));
    for (int i = 0; i < 9; ++i) {
        pass(9s);
        BOOST_TEST((got.now == state::waits));
        far->send("x");
        far->arrived();
        settle();
    }
    pass(10s);
    BOOST_TEST((got.now == state::late));
    BOOST_TEST((got.why == deadlines::end::patience));
}

BOOST_AUTO_TEST_CASE(patience_does_not_count_between_two_reads) {
    result got;
    near.patience(10s, {});
    group.spawn("read", note(got, [&] { return read(near); }));
    far->send("x");
    until([&] { return got.now == state::done; });
    pass(1h);
    got = {};
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(9s);
    BOOST_TEST((got.now == state::waits));
    pass(1s);
    BOOST_TEST((got.now == state::late));
}

BOOST_AUTO_TEST_CASE(a_write_to_a_peer_that_does_not_read_throws) {
    result sent;
    near.patience({}, 10s);
    group.spawn("write", note(sent, [&] { return write(near, much()); }));
    settle();
    pass(9s);
    BOOST_TEST((sent.now == state::waits));
    pass(11s); // what was on its way when the wait began may have arrived in it
    BOOST_TEST((sent.now == state::late));
    BOOST_TEST((sent.which == side::writing));
}

BOOST_AUTO_TEST_CASE(a_write_goes_on_while_the_peer_takes_a_little) {
    result sent;
    near.patience({}, 10s);
    const int size = 65536;
    ::setsockopt(far->fd(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    group.spawn("write", note(sent, [&] { return write(near, much()); }));
    settle();
    for (int i = 0; i < 5; ++i) {
        pass(9s);
        BOOST_TEST((sent.now == state::waits));
        // enough for its system to open its window, too little for ours to tell of room
        std::ignore = far->receive_exactly(131'072);
        settle();
    }
    pass(10s);
    pass(10s);
    BOOST_TEST((sent.now == state::late));
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_dropped_after_a_late_write_resets) {
    result sent;
    near.expires_in(10s);
    group.spawn("write", note(sent, [&] { return write(near, much()); }));
    settle();
    pass(10s);
    BOOST_TEST((sent.now == state::late));
    near = {};
    BOOST_CHECK_THROW(far->receive_exactly(32 << 20), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_deadline_set_during_a_wait_counts_for_it) {
    result got, sent;
    group.spawn("read", note(got, [&] { return read(near); }));
    group.spawn("write", note(sent, [&] { return write(near, much()); }));
    settle();
    pass(1h);
    near.expires_in(10s);
    pass(10s);
    BOOST_TEST((got.now == state::late));
    BOOST_TEST((sent.now == state::late));
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_ends_the_waits) {
    result got;
    group.spawn("read", note(got, [&] { return read(near); }));
    settle();
    near.expires_in(-1s);
    pass(0s);
    BOOST_TEST((got.now == state::late));
}

BOOST_AUTO_TEST_CASE(data_that_has_arrived_is_read_before_the_time_is_up) {
    result got;
    // the loop has no event of the data when the time is up
    const support::at_moment send(loop, 10s, [&] {
        far->send("hello");
        far->arrived();
    });
    near.expires_in(10s);
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(10s);
    BOOST_TEST((got.now == state::done));
    BOOST_TEST(got.text == "hello");
}

BOOST_AUTO_TEST_CASE(one_timer_serves_everything) {
    result got;
    const std::size_t before = loop.timers();
    near.patience(10s, 20s);
    near.expires_in(1h);
    BOOST_TEST(loop.timers() == before);
    group.spawn("read", note(got, [&] { return read(near); }));
    pass(0s);
    BOOST_TEST(loop.timers() == before + 1);
    far->send("x");
    until([&] { return got.now == state::done; });
    pass(1h);
    BOOST_TEST(loop.timers() == before);
    near.close();
    near = {};
    BOOST_TEST(loop.timers() == before);
}

BOOST_AUTO_TEST_CASE(a_closed_stream_takes_deadlines) {
    near.close();
    near.expires_in(1s);
    near.patience(1s, 1s);
    pass(2s);
    result got;
    group.spawn("read", note(got, [&] { return read(near); }));
    finish();
    BOOST_TEST((got.now == state::failed));
}

BOOST_AUTO_TEST_SUITE_END()
