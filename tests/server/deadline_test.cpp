// The deadlines of a connection, by a clock that the test moves.

#include "timed.hpp"

#include <aio/async/sleep.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>

#include <string>
#include <system_error>
#include <vector>

using aio::task;
using aio::net::stream;
using namespace std::chrono_literals;

namespace {

task<void> once(stream s) {
    co_await s.write("once");
}

// Works for a second after it was asked, and never reads what comes meanwhile.
task<void> works(stream s) {
    co_await s.read();
    co_await aio::async::sleep(1s);
    co_await s.write("answer");
}

struct callback_once final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override {
        by.write("once");
        by.close();
    }

    void data_received(std::span<const std::byte>) override {}
};

/// Reads nothing, and says which end it was told.
struct paused final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override {
        link = &by;
        by.pause_reading();
    }

    void data_received(std::span<const std::byte>) override {}

    void stopping() override { link->write("stopping"); }

    void expired() override { link->write("expired"); }

    aio::net::transport* link = nullptr;
};

task<void> impatient(stream s) {
    s.patience(5s, {});
    while (auto data = co_await s.read())
        co_await s.write(data);
}

struct callback_impatient final : support::callback_echo {
    void connection_made(aio::net::transport& by) override {
        callback_echo::connection_made(by);
        by.patience(5s, {});
    }

    void expired() override { to->write("too late"); }
};

/// Speaks first.
task<void> greets(stream s) {
    co_await s.write("hello");
    co_await s.read();
    co_await s.write("bye");
}

constexpr std::size_t plenty = 12 << 20; ///< more than sockets take, less than max_buffered

task<void> floods(stream s) {
    co_await s.read();
    co_await s.write(std::string(plenty, 'x'));
    co_await s.read();
}

struct callback_floods final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { link = &by; }

    void data_received(std::span<const std::byte>) override {
        link->write(std::string(plenty, 'x'));
    }

    aio::net::transport* link = nullptr;
};

/// A file that does not fit into sockets, and nothing else; and files for as many bytes as come.
struct sends_file final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { link = &by; }

    void data_received(std::span<const std::byte> data) override {
        for (std::size_t i = 0; i < data.size(); ++i)
            link->send_file(source, 0, plenty);
        if (data.size() == 1)
            link->close();
    }

    aio::net::transport* link = nullptr;
    static inline int source = -1;
};

struct deadlines : support::timed {
    deadlines() {
        module.protocol<sends_file>("sends_file");
        module.protocol("impatient", impatient);
        module.protocol<callback_impatient>("callback_impatient");
        module.protocol("echo", support::echo);
        module.protocol("once", once);
        module.protocol("works", works);
        module.protocol("greets", greets);
        module.protocol("floods", floods);
        module.protocol<callback_floods>("callback_floods");
        module.protocol<callback_once>("callback_once");
        module.protocol<paused>("paused");
        module.protocol<support::callback_echo>("callback_echo");
    }

    /// Has sent what nobody reads: closing at once would take the answer from it.
    support::peer unread(const std::string& text = "unread") {
        support::peer p = connect();
        p.send(text);
        p.arrived();
        settle();
        return p;
    }
};

struct secured : deadlines {
    secured() {
        support::write_certificates(folder);
        serve("echo", with_tls());
    }

    std::string with_tls() const {
        return "tls_certificate = " + (folder / "server.pem") +
               "\ntls_key = " + (folder / "server.key") + "\ntls_watch = no\n";
    }

    aio::testing::temporary_folder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deadline, deadlines)

BOOST_FIXTURE_TEST_CASE(a_handshake_has_10_seconds, secured) {
    support::peer p = connect();
    settle();
    pass(9900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
    BOOST_TEST(p.receive_all() == "");
    BOOST_TEST(logged_with("TLS handshake: the TLS handshake took too long") == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_silent_handshake_has_no_more_than_idle_timeout, secured) {
    for (const char* protocol : {"echo", "callback_echo"}) {
        serve(protocol, with_tls() + "idle_timeout = 2s\n");
        support::peer silent = connect(), talking = connect();
        until([this] { return open() == 2; });
        const auto talk = [&](const std::string& byte) {
            talking.send(byte);
            talking.arrived();
            settle();
        };
        for (const char* byte : {"\x16", "\x03", "\x01", "\x01", "\x01"}) {
            talk(byte);
            pass(1900ms);
            BOOST_TEST(open() == (byte[0] == '\x16' ? 2u : 1u), protocol);
        }
        BOOST_TEST(silent.receive_all() == "");
        talk("\x01");
        pass(600ms); // the handshake has 10 s in all
        BOOST_TEST(open() == 0u);
    }
    BOOST_TEST(logged_with("TLS handshake: silent for too long") == 2u);
    BOOST_TEST(logged_with("TLS handshake: the TLS handshake took too long") == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_longer_idle_timeout_gives_a_handshake_no_more_than_10_seconds, secured) {
    serve("echo", with_tls() + "idle_timeout = 20s\n");
    support::peer p = connect();
    until([this] { return open() == 1; });
    pass(9900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_handshake_is_among_the_tasks_while_it_lasts, secured) {
    support::peer p = connect();
    settle();
    pass(2s);
    const auto all = loop.snapshot();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all.front().text().find("server/test: connection from 127.0.0.1:") == 0u);
    BOOST_TEST(all.front().text().find(" awaits TLS handshake for 2.0 s") != std::string::npos);
    pass(8100ms);
    BOOST_TEST(loop.snapshot().empty());
}

BOOST_FIXTURE_TEST_CASE(a_handshake_that_trickles_has_no_more, secured) {
    support::peer p = connect();
    settle();
    for (const char* byte : {"\x16", "\x03", "\x01"}) {
        pass(3s);
        p.send(byte);
        settle();
        BOOST_TEST(open() == 1u);
    }
    pass(900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_close_is_waited_for_2_seconds) {
    for (const std::string protocol : {"once", "callback_once"}) {
        serve(protocol);
        support::peer p = unread();
        pass(1900ms);
        BOOST_TEST(open() == 1u);
        pass(200ms);
        BOOST_TEST(open() == 0u);
        BOOST_TEST(p.receive_all() == "once");
    }
}

BOOST_AUTO_TEST_CASE(a_silent_connection_is_closed_and_a_talking_one_is_not) {
    for (const std::string protocol : {"echo", "callback_echo"}) {
        serve(protocol, "idle_timeout = 300ms\n");
        support::peer silent = connect(), talking = connect();
        until([this] { return open() == 2; });
        const auto talk = [&] {
            talking.send("x");
            until_readable(talking);
            BOOST_TEST(talking.receive() == "x");
        };
        for (int i = 0; i < 8; ++i) {
            talk();
            pass(100ms);
            BOOST_TEST(open() == (i < 2 ? 2u : 1u), protocol << " after " << i);
        }
        BOOST_TEST(silent.receive() == "");
        talk();
    }
}

// bun#41602, vert.x#1720
BOOST_AUTO_TEST_CASE(a_peer_that_reads_slowly_what_was_sent_before_is_not_silent) {
    for (const std::string protocol : {"floods", "callback_floods"}) {
        serve(protocol, "idle_timeout = 300ms\nwrite_timeout = none\nunsent = none\n");
        support::peer p = connect();
        const int room = 65536;
        ::setsockopt(p.fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        p.send("?");
        until_readable(p);
        const std::size_t portion = plenty / 16;
        for (std::size_t received = 0; received + portion < plenty; received += portion) {
            BOOST_REQUIRE(p.receive_exactly(portion).size() == portion);
            pass(200ms);
            BOOST_REQUIRE_MESSAGE(open() == 1u, protocol << " after " << received);
        }
        BOOST_TEST(p.receive_exactly(portion).size() == portion);
    }
}

BOOST_AUTO_TEST_CASE(one_that_stops_reading_is_silent_by_twice_the_time_at_most) {
    for (const std::string protocol : {"floods", "callback_floods"}) {
        serve(protocol, "idle_timeout = 2s\nwrite_timeout = none\nunsent = none\n");
        support::peer p = unread("?");
        pass(1900ms);
        BOOST_TEST(open() == 1u);
        pass(2200ms);
        BOOST_TEST(open() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_paused_protocol_holds_a_stop_until_its_peer_was_silent_for_long) {
    serve("paused", "idle_timeout = 1s\n");
    support::peer p = connect();
    until([this] { return open() == 1; });
    pass(400ms);
    begin_stop();
    pass(500ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
    BOOST_TEST(p.receive_all() == "expired");
}

BOOST_AUTO_TEST_CASE(one_that_has_only_a_file_left_to_send_is_silent_too) {
    const aio::testing::temporary_folder folder;
    const aio::base::descriptor file(
        ::open(folder.write("file", std::string(plenty, 'x')).c_str(), O_RDONLY | O_CLOEXEC)
    );
    sends_file::source = file.get();
    serve("sends_file", "idle_timeout = 10s\nwrite_timeout = none\n");
    support::peer p = unread("?");
    BOOST_REQUIRE(open() == 1u);
    const std::string text = server->unfinished().at(0);
    BOOST_TEST(text.ends_with(" has a file left to send"), text);
    pass(9s);
    BOOST_TEST(open() == 1u);
    for (int i = 0; i < 20 && open() != 0; ++i)
        pass(3s); // what was on its way may still arrive
    BOOST_TEST(open() == 0u);
    BOOST_CHECK_THROW(p.receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_peer_that_asks_for_files_and_reads_none_is_dropped) {
    const aio::testing::temporary_folder folder;
    const aio::base::descriptor file(
        ::open(folder.write("file", std::string(plenty, 'x')).c_str(), O_RDONLY | O_CLOEXEC)
    );
    sends_file::source = file.get();
    serve("sends_file");
    support::peer p = connect();
    p.send(std::string(960, '?'));
    until([&] { return logged_with("WARNING") == 1; });
    BOOST_TEST(logged_with("is closed: 9 files wait for its peer, more than 8") == 1u);
    until([&] { return open() == 0; });
}

BOOST_AUTO_TEST_CASE(a_peer_that_closes_is_not_waited_for) {
    for (const std::string protocol : {"once", "callback_once"}) {
        serve(protocol);
        support::peer p = unread();
        BOOST_TEST(open() == 1u);
        p.close();
        until([this] { return open() == 0; });
    }
}

BOOST_AUTO_TEST_CASE(what_ends_after_the_stop_waits_for_its_peer_2_seconds) {
    serve("works");
    support::peer p = unread("question");
    p.send("unread");
    p.arrived();
    begin_stop();
    pass(1s);
    BOOST_TEST(p.receive_all() == "answer");
    pass(1900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
}

BOOST_AUTO_TEST_CASE(who_is_waited_for_when_the_stop_comes_has_200_milliseconds_left) {
    for (const std::string protocol : {"once", "callback_once"}) {
        serve(protocol);
        support::peer p = unread();
        begin_stop();
        pass(190ms);
        BOOST_TEST(open() == 1u);
        pass(20ms);
        BOOST_TEST(open() == 0u);
    }
}

namespace {

/// Connections that say nothing, with a coroutine and with callbacks.
struct silent_clients : secured {
    void serve_tls(const std::string& protocol) {
        all.clear();
        serve(
            protocol,
            "tls_certificate = " + (folder / "server.pem") +
                "\ntls_key = " + (folder / "server.key") + "\n"
        );
        for (int i = 0; i < 3; ++i)
            all.push_back(connect());
        until([&] { return open() == 3; });
    }

    std::vector<support::peer> all;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_stop_gives_a_handshake_up_in_a_later_turn, silent_clients) {
    for (const char* protocol : {"echo", "callback_echo"}) {
        serve_tls(protocol);
        begin_stop();
        BOOST_TEST(open() == 3u);
        pass(0s);
        BOOST_TEST(open() == 0u);
        for (support::peer& each : all)
            BOOST_TEST(each.receive_all() == "");
    }
    BOOST_TEST(logged_with("TLS handshake: Operation canceled") == 6u);
}

BOOST_FIXTURE_TEST_CASE(a_handshake_that_is_told_to_stop_does_not_go_on, silent_clients) {
    for (const char* protocol : {"echo", "callback_echo"}) {
        serve_tls(protocol);
        all[0].send("\x16\x03\x01");
        all[0].arrived();
        begin_stop();
        server->cancel();
        pass(0s);
        BOOST_TEST(open() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_protocol_has_deadlines_of_its_own_beside_idle_timeout) {
    for (const char* options : {"", "idle_timeout = 1h\n", "idle_timeout = 6s\n"}) {
        for (const std::string protocol : {"impatient", "callback_impatient"}) {
            serve(protocol, options);
            support::peer p = connect();
            for (int i = 0; i < 3; ++i) {
                p.send("x");
                until_readable(p);
                BOOST_TEST(p.receive() == "x");
                pass(4900ms);
                BOOST_TEST(open() == 1u, protocol);
            }
            pass(100ms);
            const std::string last = protocol == "impatient" ? "" : "too late";
            BOOST_TEST(p.receive_all() == last, protocol);
            p.close();
            until([this] { return open() == 0; });
        }
    }
    BOOST_TEST(logged_with("nothing came from the peer in time") == 3u);
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(an_idle_timeout_comes_before_a_longer_deadline) {
    for (const std::string protocol : {"impatient", "callback_impatient"}) {
        serve(protocol, "idle_timeout = 2s\n");
        const support::peer p = connect();
        until([this] { return open() == 1; });
        pass(2s);
        BOOST_TEST(logged_with("silent for too long") == 1u, protocol);
        records.clear();
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_reads_has_write_timeout_and_is_reset) {
    for (const char* protocol : {"floods", "callback_floods"}) {
        for (const auto& [option, limit] :
             {std::pair("", 60s), std::pair("write_timeout = 5s\n", 5s)}) {
            serve(protocol, option);
            support::peer deaf = connect();
            deaf.send("x");
            deaf.arrived();
            settle();
            pass(limit - 1s);
            BOOST_TEST(open() == 1u, protocol << ", " << option);
            pass(limit + 2s); // what was on its way when the wait began may have arrived in it
            BOOST_TEST(open() == 0u, protocol << ", " << option);
            BOOST_CHECK_EXCEPTION(deaf.receive_all(), std::system_error, [](const auto& error) {
                return error.code() == std::errc::connection_reset;
            });
            BOOST_TEST(count("timeout_write") == 1);
        }
    }
    BOOST_TEST(
        logged_with("WARNING(aio): Server(test) closes connections: the clients took nothing for "
                    "write_timeout: 1 from 127.0.0.1") >= 1u
    );
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_slowly_is_not_late) {
    for (const char* protocol : {"floods", "callback_floods"}) {
        serve(protocol, "write_timeout = 5s\n");
        support::peer slow = connect();
        slow.send("x");
        slow.arrived();
        settle();
        for (int i = 0; i < 4; ++i) {
            pass(4s);
            BOOST_TEST(open() == 1u, protocol);
            against([&] { slow.receive(1 << 20); });
            settle();
        }
        BOOST_TEST(count("timeout_write") == 0);
    }
}

BOOST_AUTO_TEST_CASE(without_a_write_timeout_a_peer_that_never_reads_may_stay) {
    for (const char* protocol : {"floods", "callback_floods"}) {
        serve(protocol, "write_timeout = none\n");
        support::peer deaf = connect();
        deaf.send("x");
        deaf.arrived();
        settle();
        pass(1h);
        BOOST_TEST(open() == 1u, protocol);
    }
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_nothing_has_first_byte_timeout) {
    for (const char* protocol : {"echo", "callback_echo", "greets"}) {
        serve(protocol, "first_byte_timeout = 5s\n");
        support::peer silent = connect(), talking = connect();
        until([this] { return open() == 2; });
        pass(3s);
        if (protocol == std::string("greets")) // what the server says does not count
            BOOST_TEST(silent.receive() == "hello");
        else
            talking.send("x");
        talking.arrived();
        settle();
        pass(1900ms);
        BOOST_TEST(open() == 2u, protocol);
        pass(200ms);
        settle();
        BOOST_TEST(count("timeout_first_byte") == (protocol[0] == 'g' ? 2 : 1));
        BOOST_TEST(open() == (protocol[0] == 'g' ? 0u : 1u), protocol);
        pass(1h);
        BOOST_TEST(open() == (protocol[0] == 'g' ? 0u : 1u), protocol);
    }
}

BOOST_AUTO_TEST_CASE(a_handler_that_does_not_notice_a_silent_client_is_closed) {
    serve("works", "first_byte_timeout = 5s\n");
    support::peer silent = connect();
    until([this] { return open() == 1; });
    pass(5100ms); // the read ends; the handler works for a second
    pass(1s);
    settle();
    BOOST_TEST(silent.receive_all() == "answer");
    BOOST_TEST(open() == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_are_counted_also_while_the_first_one_is_awaited) {
    serve("echo", "first_byte_timeout = 5s\n");
    support::peer p = connect();
    p.send("12345");
    against([&] { BOOST_TEST(p.receive() == "12345"); });
    pass(6s);
    BOOST_TEST(count("received") == 5);
    p.send("678");
    against([&] { BOOST_TEST(p.receive() == "678"); });
    BOOST_TEST(count("received") == 8);
    BOOST_TEST(count("sent") == 8);
    support::peer brief = connect();
    brief.send("9");
    against([&] { BOOST_TEST(brief.receive() == "9"); });
    brief.end();
    until([this] { return open() == 1; });
    BOOST_TEST(count("received") == 9);
}

BOOST_FIXTURE_TEST_CASE(the_time_for_the_first_byte_begins_after_the_handshake, secured) {
    serve("echo", with_tls() + "first_byte_timeout = 5s\nhandshake_timeout = 20s\n");
    support::peer p = connect();
    until([this] { return open() == 1; });
    pass(19900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
    BOOST_TEST(count("timeout_first_byte") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
