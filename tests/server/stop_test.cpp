#include "timed.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/net/error.hpp>

#include <string>

using namespace std::chrono_literals;
using aio::task;
using aio::net::stream;

namespace {

task<void> echo_and_bye(stream s) {
    while (auto data = co_await s.read())
        co_await s.write(data);
    co_await s.write("bye");
}

// Reads a line, works for a while, answers.
task<void> slow(stream s) {
    while (const auto line = co_await s.read_line()) {
        co_await aio::async::sleep(std::chrono::milliseconds(150));
        co_await s.write("done " + *line);
    }
}

task<void> stubborn(stream s) {
    co_await s.read();
    co_await aio::async::sleep(std::chrono::hours(1));
}

struct counted_echo final : support::callback_echo {
    void connection_lost(std::error_code) override { ++lost; }

    static inline int lost = 0;
};

struct keeps_open final : aio::net::protocol {
    void data_received(std::span<const std::byte>) override {}

    bool eof_received() override { return true; }
};

struct flood final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { by.write(std::string(8u << 20, 'x')); }

    void data_received(std::span<const std::byte>) override {}
};

task<void> stream_flood(stream s) {
    co_await s.write(std::string(8u << 20, 'x'));
}

// Less than the system takes at once, more than the peer's system does.
struct answers_and_closes final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override {
        by.write(std::string(512u << 10, 'x'));
        by.close();
    }

    void data_received(std::span<const std::byte>) override {}
};

struct closes_unread final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override {
        by.pause_reading();
        by.close();
    }

    void data_received(std::span<const std::byte>) override {}
};

// Answers each sum, the last one of the input too.
task<void> answers_lines(stream s) {
    while (const auto line = co_await s.read_line())
        co_await s.write("=" + *line + "\n");
    co_await s.write(std::string(aio::net::describe(s.end_reason())));
}

// Answers at the end what has come until then.
struct answers_at_end final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { to = &by; }

    void data_received(std::span<const std::byte> data) override {
        got.append(reinterpret_cast<const char*>(data.data()), data.size());
    }

    bool eof_received() override {
        to->write("=" + got);
        return false;
    }

    void connection_lost(std::error_code why) override { last = why; }

    aio::net::transport* to = nullptr;
    std::string got;
    static inline std::error_code last;
};

// Is done with its peer, which still sends, but not with its work.
task<void> works_on(stream s) {
    co_await s.read();
    s = stream();
    co_await aio::async::sleep(std::chrono::hours(1));
}

struct datagram_echo final : aio::net::datagram_protocol {
    void connection_made(aio::net::datagram_transport& by) override { to = &by; }

    void
    datagram_received(std::span<const std::byte> data, const aio::net::address& from) override {
        ++received;
        to->send_to(data, from);
    }

    aio::net::datagram_transport* to = nullptr;
    static inline std::size_t received = 0;
};

struct stopping_by_hand : support::timed {
    stopping_by_hand() {
        module.protocol("echo_and_bye", echo_and_bye);
        module.protocol("stream_flood", stream_flood);
        module.protocol<flood>("flood");
    }
};

struct stopping : support::server_fixture {
    stopping() {
        module.protocol("echo_and_bye", echo_and_bye);
        module.protocol("slow", slow);
        module.protocol("stubborn", stubborn);
        module.protocol<counted_echo>("counted_echo");
        module.protocol<keeps_open>("keeps_open");
        module.protocol<flood>("flood");
        module.protocol<answers_and_closes>("answers_and_closes");
        module.protocol<closes_unread>("closes_unread");
        module.protocol("answers_lines", answers_lines);
        module.protocol<answers_at_end>("answers_at_end");
        module.protocol("works_on", works_on);
        module.protocol<datagram_echo>("datagram_echo");
        datagram_echo::received = 0;
    }

    void serve(const std::string& protocol, const std::string& options = "") {
        start("protocol = test." + protocol + "\naddress = 127.0.0.1\nport = 0\n" + options);
    }

    void serve_datagrams() {
        start("protocol = test.datagram_echo\ntransport = udp\naddress = 127.0.0.1\nport = 0\n");
    }

    support::peer connect_datagrams() const {
        return support::peer::connect(endpoint(), SOCK_DGRAM);
    }

    static constexpr std::size_t many = 150; ///< more than are handed over in one turn
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stop, stopping)

BOOST_FIXTURE_TEST_CASE(connections_waiting_for_input_see_the_end_at_once, stopping_by_hand) {
    serve("echo_and_bye");
    std::vector<support::peer> all;
    against([&] {
        for (int i = 0; i < 50; ++i) {
            all.push_back(connect());
            all.back().send("x");
            all.back().receive();
        }
    });
    server_fixture::stop(); // while the time stands still
    for (auto& one : all)
        BOOST_TEST(one.receive_all() == "bye");
}

BOOST_AUTO_TEST_CASE(callback_connections_too) {
    serve("counted_echo");
    counted_echo::lost = 0;
    std::vector<support::peer> all;
    against([&] {
        for (int i = 0; i < 50; ++i) {
            all.push_back(connect());
            all.back().send("x");
            all.back().receive();
        }
    });
    server_fixture::stop();
    for (auto& one : all)
        BOOST_TEST(one.receive_all() == "");
    BOOST_TEST(counted_echo::lost == 50);
}

BOOST_AUTO_TEST_CASE(work_in_progress_is_finished) {
    serve("slow");
    support::peer p = connect();
    p.send("job\n");
    settle();
    begin_stop();
    settle();
    BOOST_TEST(server->unfinished().size() == 1u);
    BOOST_TEST(server->unfinished().at(0).find(" awaits sleep for ") != std::string::npos);
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "done job");
}

BOOST_AUTO_TEST_CASE(an_unfinished_line_is_not_answered_at_a_stop) {
    serve("answers_lines");
    support::peer p = connect(), whole = connect();
    p.send("1 + 1\n2 + 2");
    whole.send("2 + 20");
    whole.end();
    settle();
    BOOST_TEST(p.receive_exactly(7) == "=1 + 1\n");
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "the server stops");
    BOOST_TEST(whole.receive_all() == "=2 + 20\nthe peer ended the stream");
}

BOOST_AUTO_TEST_CASE(an_unfinished_line_is_not_answered_for_being_silent) {
    start("protocol = test.answers_lines\naddress = 127.0.0.1\nport = 0\nidle_timeout = 100ms\n");
    std::string got;
    against([&] {
        support::peer p = connect();
        p.send("2 + 2");
        got = p.receive_all();
    });
    BOOST_TEST(got == "the connection was silent for too long");
}

BOOST_AUTO_TEST_CASE(callbacks_see_the_end_of_the_peer_only) {
    serve("answers_at_end");
    support::peer p = connect(), whole = connect();
    p.send("2 + 2");
    whole.send("2 + 20");
    whole.end();
    settle();
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "");
    BOOST_TEST((answers_at_end::last == aio::net::errc::stopping));
    BOOST_TEST(whole.receive_all() == "=2 + 20");
}

BOOST_AUTO_TEST_CASE(callbacks_see_the_end_of_the_peer_only_and_not_their_silence) {
    start("protocol = test.answers_at_end\naddress = 127.0.0.1\nport = 0\nidle_timeout = 100ms\n");
    std::string got = "nothing";
    against([&] {
        support::peer p = connect();
        p.send("2 + 2");
        got = p.receive_all();
    });
    BOOST_TEST(got == "");
    BOOST_TEST((answers_at_end::last == aio::net::errc::idle));
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_reads_is_dropped_and_that_is_said_once_a_minute) {
    start("protocol = test.flood\naddress = 127.0.0.1\nport = 0\nmax_buffered = 256k\n");
    const std::string at = endpoint();
    for (int i = 0; i < 3; ++i) {
        support::peer p = connect();
        until([&] { return server->unfinished().empty() && p.readable({}); });
        BOOST_CHECK_THROW(p.receive_all(), std::system_error);
    }
    BOOST_TEST(logged_with("WARNING") == 1u);
    BOOST_TEST(logged_with("more than max_buffered = 256k") == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_has_closed_and_works_on_is_cancelled) {
    serve("works_on");
    support::peer p = connect();
    p.send("x");
    settle();
    p.send(std::string(100000, 'y'));
    settle();
    BOOST_TEST(server->unfinished().size() == 1u);
    begin_stop();
    server->cancel();
    server_fixture::stop();
    BOOST_TEST(server->unfinished().empty());
}

BOOST_AUTO_TEST_CASE(nobody_is_accepted_any_more) {
    serve("slow");
    support::peer p = connect();
    p.send("job\n");
    settle();
    const std::string at = endpoint();
    begin_stop();
    settle();
    BOOST_CHECK_THROW(support::peer::connect(at), std::system_error);
    server_fixture::stop();
}

BOOST_AUTO_TEST_CASE(at_the_end_of_intake_nobody_is_accepted_and_connections_go_on) {
    serve("echo_and_bye");
    support::peer p = connect();
    against([&] {
        p.send("x");
        p.receive();
    });
    const std::string at = endpoint();
    server->end_intake();
    server->end_intake();
    settle();
    BOOST_CHECK_THROW(support::peer::connect(at), std::system_error);
    std::string heard;
    against([&] {
        p.send("y");
        heard = p.receive();
    });
    BOOST_TEST(heard == "y");
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "bye");
}

BOOST_AUTO_TEST_CASE(at_the_end_of_intake_datagrams_that_are_there_are_answered_later_ones_not_taken
) {
    serve_datagrams();
    support::peer p = connect_datagrams();
    for (std::size_t i = 0; i < many; ++i)
        p.send(std::to_string(1000 + i));
    server->end_intake();
    server->end_intake();
    until([] { return datagram_echo::received == many; });
    settle();
    for (std::size_t i = 0; i < many; ++i)
        BOOST_TEST(p.receive() == std::to_string(1000 + i));
    p.send("late");
    settle();
    server_fixture::stop();
    BOOST_TEST(datagram_echo::received == many);
}

BOOST_AUTO_TEST_CASE(a_stop_answers_the_datagrams_that_have_arrived) {
    serve_datagrams();
    support::peer p = connect_datagrams();
    for (std::size_t i = 0; i < many; ++i)
        p.send(std::to_string(1000 + i));
    server_fixture::stop();
    for (std::size_t i = 0; i < many; ++i) {
        BOOST_REQUIRE(p.readable(std::chrono::seconds(10)));
        BOOST_TEST(p.receive() == std::to_string(1000 + i));
    }
}

BOOST_AUTO_TEST_CASE(what_does_not_end_is_cancelled) {
    serve("stubborn");
    support::peer p = connect();
    p.send("x");
    settle();
    begin_stop();
    settle();
    BOOST_TEST(server->unfinished().size() == 1u);
    server->cancel();
    server_fixture::stop();
    BOOST_TEST(server->unfinished().empty());
    BOOST_TEST(p.receive_all() == "");
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_does_not_wait_for_a_peer_that_only_sends) {
    serve("stubborn");
    support::peer p = connect();
    p.send("x");
    settle();
    p.send(std::string(100000, 'y'));
    settle();
    begin_stop();
    server->cancel();
    settle();
    BOOST_TEST(server->unfinished().empty());
    server_fixture::stop();
}

BOOST_AUTO_TEST_CASE(unsent_bytes_get_their_time) {
    serve("flood");
    support::peer p = connect();
    settle();
    begin_stop();
    settle();
    BOOST_TEST(server->unfinished().size() == 1u);
    BOOST_TEST(server->unfinished().at(0).find("bytes left to send") != std::string::npos);
    std::size_t got = 0;
    against([&] { got = p.receive_all().size(); });
    BOOST_TEST(got == 8u << 20);
    server_fixture::stop();
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_reads_nothing_does_not_hold_up_the_stop, stopping_by_hand) {
    for (const char* options : {"", "write_timeout = none\n", "linger = 500ms\n"})
        for (const char* protocol : {"flood", "stream_flood"}) {
            serve(protocol, options);
            support::peer p = connect();
            settle();
            pass(1500ms); // before the stop there is time
            BOOST_TEST(open() == 1u);
            begin_stop();
            const bool hurried = std::string(options).starts_with("linger");
            pass(hurried ? 400ms : 1900ms);
            BOOST_TEST(open() == 1u);
            pass(200ms);
            BOOST_TEST(open() == 0u);
            BOOST_CHECK_THROW(p.receive_all(), std::system_error);
        }
    BOOST_TEST(
        logged_with("it stops, and the clients took nothing of their answers for linger: 1 from "
                    "127.0.0.1") == 6u
    );
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_reads_slowly_gets_everything_in_a_stop, stopping_by_hand) {
    for (const char* protocol : {"flood", "stream_flood"}) {
        serve(protocol);
        support::peer p = connect();
        settle();
        begin_stop();
        std::size_t got = 0;
        for (int i = 0; i < 20; ++i) {
            pass(700ms);
            got += p.receive_exactly(100'000).size(); // less than the system holds
        }
        BOOST_TEST(got == 2'000'000u);
        against([&] { got += p.receive_all().size(); });
        BOOST_TEST(got == 8u << 20);
        until([&] { return open() == 0u; }); // the system tells of the last confirmation
    }
    BOOST_TEST(logged_with("WARNING") == 0u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_only_waits_for_its_peer_says_for_what) {
    serve("answers_and_closes", "unsent = none\n"); // the system takes the whole answer
    support::peer slow_reader = connect();
    settle();
    BOOST_REQUIRE(server->unfinished().size() == 1u);
    std::string text = server->unfinished().at(0);
    BOOST_TEST(text.find(" waits for its peer to receive the last ") != std::string::npos, text);
    BOOST_TEST(text.find(" 0 bytes") == std::string::npos, text);
    against([&] { slow_reader.receive_all(); });
    server_fixture::stop();
    serve("closes_unread");
    support::peer talker = connect();
    talker.send("unread");
    talker.arrived();
    settle();
    BOOST_REQUIRE(server->unfinished().size() == 1u);
    text = server->unfinished().at(0);
    BOOST_TEST(text.ends_with(" waits for its peer to close"), text);
    talker.end();
    server_fixture::stop();
}

BOOST_AUTO_TEST_CASE(one_that_kept_its_side_open_is_closed) {
    serve("keeps_open");
    support::peer p = connect();
    p.end();
    settle();
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "");
}

BOOST_AUTO_TEST_CASE(stopping_twice_and_with_nothing_there_is_harmless) {
    serve("echo_and_bye");
    begin_stop();
    begin_stop();
    server->cancel();
    server_fixture::stop();
}

BOOST_AUTO_TEST_SUITE_END()
