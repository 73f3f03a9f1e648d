#include "fixture.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/net/error.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

using aio::task;
using aio::net::chunk;
using aio::net::stream;

namespace {

/// Sends one byte, and standard input with it.
void send_descriptor(int socket, char piece) {
    ::iovec data{&piece, 1};
    std::array<char, CMSG_SPACE(sizeof(int))> room{};
    ::msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    ::cmsghdr* const passed = CMSG_FIRSTHDR(&message);
    passed->cmsg_level = SOL_SOCKET;
    passed->cmsg_type = SCM_RIGHTS;
    passed->cmsg_len = CMSG_LEN(sizeof(int));
    const int number = STDIN_FILENO;
    std::memcpy(CMSG_DATA(passed), &number, sizeof number);
    BOOST_REQUIRE(::sendmsg(socket, &message, 0) == 1);
}

task<void> echo(stream s) {
    while (auto data = co_await s.read())
        co_await s.write(data);
}

task<void> collect(stream& s, std::string& into, bool& ended) {
    while (auto data = co_await s.read())
        into += data.text();
    ended = true;
}

task<void> send_all(stream& s, std::string text, bool& done) {
    co_await s.write(text);
    done = true;
}

template <typename F>
std::optional<std::error_code> code_of(F call) {
    try {
        call();
    } catch (const std::system_error& e) {
        return e.code();
    } catch (const boost::system::system_error& e) {
        return std::error_code(e.code());
    }
    return std::nullopt;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_, support::connected)

BOOST_AUTO_TEST_CASE(what_is_sent_comes_back_and_the_end_follows) {
    group.spawn("echo", echo(std::move(near)));
    far->send("hello");
    until_readable(*far);
    BOOST_TEST(far->receive() == "hello");
    far->end();
    finish();
    BOOST_TEST(far->receive() == "");
}

BOOST_AUTO_TEST_CASE(an_exception_out_of_a_reader_does_not_leave_its_writer_waiting) {
    bool done = false, ended = false;
    std::string got;
    group.spawn("send", send_all(near, std::string(16 << 20, 'x'), done));
    boost::asio::co_spawn(loop.executor(), collect(near, got, ended), [](std::exception_ptr) {
        throw std::runtime_error("a handler failed");
    });
    const auto drain = [this] {
        while (far->readable(std::chrono::milliseconds(10)))
            std::ignore = far->receive();
    };
    settle();
    BOOST_TEST(!done);
    far->end(); // one event tells of this, and of the room to send
    drain();
    BOOST_CHECK_THROW(until([&] { return ended; }), std::runtime_error);
    until([&] {
        drain();
        return done;
    });
}

BOOST_AUTO_TEST_CASE(a_silent_connection_holds_no_block) {
    bool ended = false;
    std::string got;
    group.spawn("collect", collect(near, got, ended));
    far->send("x");
    until([&] { return got == "x"; });
    settle();
    BOOST_TEST(aio::net::poller::of(loop).buffers().idle_small() == 1u);
    far->end();
    finish();
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(data_and_end_that_come_together_are_both_seen) {
    for (int i = 0; i < 200; ++i) {
        auto [ours, other] = support::tcp_pair();
        stream s = aio::net::adopt(loop, std::move(ours));
        support::peer p(std::move(other));
        std::string got;
        bool ended = false;
        group.spawn("collect", collect(s, got, ended));
        if (i % 2)
            settle();
        p.send("last words");
        p.end();
        until([&] { return ended; });
        BOOST_REQUIRE(got == "last words");
        // Our side is still open.
        bool sent = false;
        group.spawn("send", send_all(s, "answer", sent));
        until([&] { return sent; });
        BOOST_REQUIRE(p.receive() == "answer");
    }
    finish();
}

BOOST_AUTO_TEST_CASE(a_write_larger_than_the_socket_waits_and_arrives_whole) {
    std::string big(16u << 20, '\0');
    for (std::size_t i = 0; i < big.size(); ++i)
        big[i] = static_cast<char>(i * 7 + i / 4096);
    bool sent = false;
    group.spawn("send", send_all(near, big, sent));
    settle();
    BOOST_TEST(!sent);
    std::string got;
    until([&] {
        while (got.size() < big.size() && far->readable(std::chrono::milliseconds(1)))
            got += far->receive(1 << 20);
        return got.size() == big.size();
    });
    finish();
    BOOST_TEST(sent);
    BOOST_TEST((got == big));
}

BOOST_AUTO_TEST_CASE(reading_and_writing_may_wait_at_the_same_time) {
    std::string got;
    bool ended = false, sent = false;
    group.spawn("collect", collect(near, got, ended));
    group.spawn("send", send_all(near, std::string(16u << 20, 'x'), sent));
    settle();
    BOOST_TEST(!sent);
    far->send("ping");
    until([&] { return got == "ping"; });
    std::size_t count = 0;
    until([&] {
        while (far->readable(std::chrono::milliseconds(1)) && count < (16u << 20))
            count += far->receive(1 << 20).size();
        return sent;
    });
    far->end();
    finish();
}

BOOST_AUTO_TEST_CASE(two_reads_at_once_are_a_mistake) {
    std::string got;
    bool ended = false;
    group.spawn("first", collect(near, got, ended));
    bool refused = false;
    auto second = [](stream& s, bool& said) -> task<void> {
        try {
            co_await s.read();
        } catch (const std::logic_error&) {
            said = true;
        }
    };
    group.spawn("second", second(near, refused));
    BOOST_TEST(refused);
    far->end();
    finish();
}

BOOST_AUTO_TEST_CASE(lines_and_what_follows_them) {
    struct result {
        std::vector<std::string> lines;
        std::string rest;
        bool ended = false;
    } all;

    auto run = [](stream& s, result& to) -> task<void> {
        for (int i = 0; i < 3; ++i) {
            const auto line = co_await s.read_line();
            to.lines.push_back(line.value_or("(end)"));
        }
        const auto word = co_await s.read_until("::");
        to.lines.push_back(word);
        std::byte four[4];
        co_await s.read_exactly(four);
        to.rest.assign(reinterpret_cast<const char*>(four), 4);
        const auto left = co_await s.read();
        to.rest += left.text();
        const auto last = co_await s.read_line();
        to.ended = !last;
    };
    group.spawn("lines", run(near, all));
    far->send("one\r\ntw");
    settle();
    far->send("o\n\nkey:");
    settle();
    far->send(":12345678");
    settle();
    far->end();
    finish();
    const std::vector<std::string> expected{"one", "two", "", "key::"};
    BOOST_TEST(all.lines == expected, boost::test_tools::per_element());
    BOOST_TEST(all.rest == "12345678");
    BOOST_TEST(all.ended);
}

BOOST_AUTO_TEST_CASE(a_last_line_needs_no_newline) {
    std::vector<std::string> lines;
    auto run = [](stream& s, std::vector<std::string>& to) -> task<void> {
        for (;;) {
            const auto line = co_await s.read_line();
            if (!line)
                co_return;
            to.push_back(*line);
        }
    };
    group.spawn("lines", run(near, lines));
    far->send("a\nb");
    far->end();
    finish();
    const std::vector<std::string> expected{"a", "b"};
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(too_long_a_line_is_an_error) {
    std::optional<std::error_code> why;
    auto run = [](stream& s, std::optional<std::error_code>& to) -> task<void> {
        try {
            co_await s.read_line(10);
        } catch (const std::system_error& e) {
            to = e.code();
        }
    };
    group.spawn("line", run(near, why));
    far->send("12345678901234567890");
    until([&] { return why.has_value(); });
    BOOST_TEST((*why == aio::net::errc::too_long));
    finish();
}

BOOST_AUTO_TEST_CASE(read_exactly_says_when_the_end_comes_too_early) {
    std::optional<std::error_code> why;
    auto run = [](stream& s, std::optional<std::error_code>& to) -> task<void> {
        std::byte into[10];
        try {
            co_await s.read_exactly(into);
        } catch (const std::system_error& e) {
            to = e.code();
        }
    };
    group.spawn("exactly", run(near, why));
    far->send("123");
    far->end();
    finish();
    BOOST_TEST((*why == aio::net::errc::unexpected_end));
}

BOOST_AUTO_TEST_CASE(a_reset_is_a_system_error) {
    group.spawn("echo", echo(std::move(near)));
    settle();
    far->reset();
    until([&] { return group.empty(); });
    const auto why = code_of([this] { finish(); });
    BOOST_REQUIRE(why);
    BOOST_TEST((*why == std::errc::connection_reset));
    BOOST_TEST(aio::net::is_disconnect(*why));
}

BOOST_AUTO_TEST_CASE(a_cancelled_read_throws_and_loses_nothing) {
    std::string got;
    auto run = [](stream& s, std::string& to) -> task<void> {
        try {
            co_await aio::async::with_timeout(std::chrono::milliseconds(20), s.read());
            to += "early ";
        } catch (const aio::async::timeout_error&) {
            to += "timeout ";
        }
        const auto data = co_await s.read();
        to += data.text();
    };
    group.spawn("reader", run(near, got));
    until([&] { return got == "timeout "; });
    far->send("later");
    finish();
    BOOST_TEST(got == "timeout later");
}

BOOST_AUTO_TEST_CASE(cancelling_the_task_ends_read_and_write) {
    bool sent = false;
    group.spawn("echo", send_all(near, std::string(16u << 20, 'x'), sent));
    std::string got;
    bool ended = false;
    group.spawn("collect", collect(near, got, ended));
    settle();
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    BOOST_TEST(!sent);
    BOOST_TEST(!ended);
}

BOOST_AUTO_TEST_CASE(what_a_task_awaits_is_known) {
    std::string got;
    bool ended = false;
    group.spawn("collector", collect(near, got, ended));
    settle();
    const auto all = group.unfinished();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].name == "collector");
    BOOST_TEST(all[0].awaits == "read");
    far->end();
    finish();
}

BOOST_AUTO_TEST_CASE(close_ends_what_waits) {
    std::string got;
    bool ended = false;
    group.spawn("collect", collect(near, got, ended));
    settle();
    near.close();
    until([&] { return group.empty(); });
    const auto why = code_of([this] { finish(); });
    BOOST_REQUIRE(why);
    BOOST_TEST((*why == std::errc::operation_canceled));
    BOOST_TEST(far->receive() == "");
}

BOOST_AUTO_TEST_CASE(operations_on_a_closed_connection_fail_at_once) {
    const auto use = [](stream& s) -> task<void> {
        const auto bad = [](const std::system_error& e) {
            return e.code() == std::errc::bad_file_descriptor;
        };
        BOOST_CHECK_EXCEPTION(co_await s.read(), std::system_error, bad);
        BOOST_CHECK_EXCEPTION(co_await s.write("x"), std::system_error, bad);
    };
    // It has read all there is and has filled the room to send.
    const auto read = [](stream& s) -> task<void> { co_await s.read(); };
    const auto flood = [](stream& s) -> task<void> {
        co_await s.write(std::string(32u << 20, 'x'));
    };
    far->send("x");
    group.spawn("read", read(near));
    group.spawn("flood", flood(near));
    until([&] { return group.size() == 1; });
    settle();
    near.close();
    until([&] { return group.empty(); });
    failure = nullptr;
    group.spawn("use", use(near));
    finish();
}

BOOST_AUTO_TEST_CASE(shutdown_ends_our_side_only) {
    auto run = [](stream& s, std::string& to) -> task<void> {
        co_await s.write("bye");
        co_await s.shutdown();
        while (auto data = co_await s.read())
            to += data.text();
    };
    std::string got;
    group.spawn("half", run(near, got));
    settle();
    BOOST_TEST(far->receive_all() == "bye");
    far->send("still here");
    far->end();
    finish();
    BOOST_TEST(got == "still here");
}

BOOST_AUTO_TEST_CASE(closing_with_unread_data_does_not_destroy_what_was_sent) {
    auto run = [](stream s) -> task<void> { co_await s.write("the answer"); };
    far->send("a question nobody reads");
    far->arrived();
    settle();
    group.spawn("answer", run(std::move(near)));
    finish();
    BOOST_TEST(far->receive_all() == "the answer");
}

BOOST_AUTO_TEST_CASE(a_greedy_connection_gives_way_to_others) {
    auto [ours, other] = support::tcp_pair();
    stream second = aio::net::adopt(loop, std::move(ours));
    support::peer second_far(std::move(other));
    // Each always finds something to read: one byte at a time out of a full socket.
    auto nibble = [](stream& s, char name, std::string& order) -> task<void> {
        std::byte one[1];
        while (co_await s.read_some(one) != 0)
            order += name;
    };
    far->send(std::string(2000, 'x'));
    second_far.send(std::string(2000, 'x'));
    far->end();
    second_far.end();
    far->arrived();
    second_far.arrived();
    std::string order;
    group.spawn("first", nibble(near, 'a', order));
    group.spawn("second", nibble(second, 'b', order));
    finish();
    BOOST_TEST(order.size() == 4000u);
    std::size_t longest = 0, run = 0;
    for (std::size_t i = 1; i < order.size() / 2; ++i) {
        run = order[i] == order[i - 1] ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    BOOST_TEST(longest < 64u);
}

BOOST_AUTO_TEST_CASE(addresses_are_those_of_both_ends) {
    BOOST_TEST(near.peer().text() == aio::net::local_address(far->fd()).text());
    BOOST_TEST(near.local().text() == aio::net::peer_address(far->fd()).text());
}

// The system ends a receive behind each of them, and tells nothing of what follows.
BOOST_AUTO_TEST_CASE(what_follows_a_passed_descriptor_is_received) {
    std::array<int, 2> pair{};
    BOOST_REQUIRE(
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) == 0
    );
    const aio::net::socket other(pair[1]);
    for (const char piece : {'1', '2', '3'})
        send_descriptor(other.get(), piece);
    group.spawn("echo", echo(aio::net::adopt(loop, aio::net::socket(pair[0]))));
    std::string got(3, 0);
    until([&] { return ::recv(other.get(), got.data(), 3, MSG_PEEK) == 3; });
    ::recv(other.get(), got.data(), 3, 0);
    BOOST_TEST(got == "123");
    ::shutdown(other.get(), SHUT_WR);
    finish();
}

BOOST_AUTO_TEST_SUITE_END()
