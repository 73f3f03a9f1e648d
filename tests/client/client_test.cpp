#include "fixture.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/mistake.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/error.hpp>
#include <aio/net/resolver.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::stream;
using support::listening;
using support::peer;

namespace {

task<void> ask(stream s, protocols::client_context context) {
    co_await s.write(context.option<std::string>("question") + " from " + context.name() + "\n");
    while (co_await s.read_line()) {
    }
}

task<void> ends_at_once(stream s) {
    co_await s.write("hello\n");
}

task<void> fails(stream s) {
    co_await s.read_line();
    throw std::runtime_error("no such account");
}

task<void> mistaken(stream) {
    throw base::mistake("this can never work");
    co_return;
}

/// Answers a stop after a line more.
task<void> says_goodbye(stream s) {
    while (co_await s.read_line()) {
    }
    co_await s.write("goodbye\n");
}

task<void> deaf(stream s) {
    async::event never;
    co_await s.write("deaf\n");
    co_await never.wait();
}

task<void> for_servers(stream, protocols::server_context) {
    co_return;
}

/// Says what the test says, and counts the questions.
struct scripted_names final : net::resolver {
    explicit scripted_names(async::loop& loop) : dialing(net::dialing::of(loop)) {
        dialing.use(this, nullptr);
    }

    ~scripted_names() override { dialing.use(nullptr, nullptr); }

    task<std::vector<net::address>> resolve(std::string name, std::uint16_t, net::family) override {
        ++asked;
        if (!answer)
            throw std::system_error(EAI_AGAIN, net::resolver_category(), name);
        co_return std::vector<net::address>{*answer};
    }

    net::dialing& dialing;
    std::optional<net::address> answer;
    int asked = 0;
};

struct fixture : support::client_fixture {
    fixture() {
        module.protocol("ask", ask).option("question", "what", "to ask");
        module.protocol("echo", support::echo);
        module.protocol("ends_at_once", ends_at_once);
        module.protocol("fails", fails);
        module.protocol("mistaken", mistaken);
        module.protocol("says_goodbye", says_goodbye);
        module.protocol("deaf", deaf);
        module.protocol("for_servers", for_servers);
    }

    listening server;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_, fixture)

BOOST_AUTO_TEST_CASE(a_section_connects_and_calls_its_protocol) {
    begin("protocol = test.ask\nquestion = why\n" + to(server));
    peer far = accept(server);
    until_readable(far);
    BOOST_TEST(far.receive() == "why from test\n");
    finish();
    BOOST_TEST(
        app.logged(
            "INFO aio Client(test) test.ask connected to 127.0.0.1:" +
            std::to_string(server.at.port())
        ) == 1
    );
    BOOST_TEST(client->condition() == "up");
    BOOST_TEST(client->acts_by_itself());
    BOOST_TEST(counted("connections") == 1);
    BOOST_TEST(counted("sent") == 14);
    stop();
    until_readable(far);
    BOOST_TEST(far.receive() == "");
    BOOST_TEST(counted("connections") == 0);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_by_path_or_by_name) {
    testing::temporary_folder folder;
    const std::string path = (folder.path() / "sock").string();
    const std::string name = "aio-client-test-" + std::to_string(::getpid());
    for (const std::string& where : {path, "@" + name}) {
        const listening local(
            where == path ? *net::address::unix_socket(path) : *net::address::abstract_socket(name)
        );
        begin("protocol = test.echo\ntransport = unix\npath = " + where + "\n");
        peer far = accept(local);
        far.send("hello");
        until_readable(far);
        BOOST_TEST(far.receive() == "hello");
        finish();
        stop();
    }
}

BOOST_AUTO_TEST_CASE(the_start_waits_for_the_first_connection) {
    const net::address at = server.at;
    server.socket.reset();
    begin(
        "protocol = test.echo\nbackoff = 100ms\naddress = 127.0.0.1\nport = " +
        std::to_string(at.port())
    );
    until_logged("WARNING aio Client(test) cannot connect to 127.0.0.1:");
    BOOST_TEST(!group.empty());
    BOOST_TEST(client->condition().starts_with("waits 0.1 s, 1 failure, last: refused"));
    const listening again(at);
    pass(100ms);
    const peer far = accept(again);
    finish();
    BOOST_TEST(app.logged("after 1 failures") == 0);
    BOOST_TEST(app.logged("after 1 failure") == 1);
    BOOST_TEST(counted("failed_refused") == 1);
    BOOST_TEST(counted("attempts") == 2);
}

BOOST_AUTO_TEST_CASE(the_start_need_not_wait) {
    const std::string where = to(server);
    server.socket.reset();
    begin("protocol = test.echo\nwait_connected = no\n" + where);
    finish();
    until_logged("cannot connect");
    BOOST_TEST(counted("connected") == 0);
}

BOOST_AUTO_TEST_CASE(it_connects_again_after_each_end_with_a_pause_within_the_law) {
    begin("protocol = test.ends_at_once\nbackoff = 1s\nbackoff_max = 8s\n" + to(server));
    accept(server);
    double ends = 0;
    for (const base::duration whole : {1s, 2s, 4s, 8s, 8s}) {
        ++ends;
        until([&] { return counted("connected") == ends && counted("connections") == 0; });
        const base::duration step = whole / 20;
        base::duration waited{0};
        for (; !server.look() && waited < 2 * whole; waited += step)
            pass(step);
        BOOST_TEST((waited >= whole / 2 - step));
        BOOST_TEST((waited <= whole + 2 * step));
    }
    BOOST_TEST(counted("attempts") == 6);
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_steady_begins_the_pauses_anew) {
    begin("protocol = test.echo\nbackoff = 1s\nsteady = 10s\n" + to(server));
    for (int i = 0; i < 4; ++i) {
        peer far = accept(server);
        until([&] { return counted("connections") == 1; });
        pass(11s);
        far.close();
        until([&] { return counted("connections") == 0; });
        time.advance(5s);
    }
    accept(server);
    BOOST_TEST(app.logged("connection to 127.0.0.1:") == 4);
    BOOST_TEST(app.logged(" s; it connects again in ") == 4);
}

BOOST_AUTO_TEST_CASE(a_peer_that_accepts_and_closes_fills_no_log) {
    begin("protocol = test.echo\nbackoff = 1ms\nbackoff_max = 10ms\n" + to(server));
    for (int i = 1; i <= 30; ++i) {
        accept(server);
        until([&] { return counted("connected") == i && counted("connections") == 0; });
        time.advance(10ms);
    }
    BOOST_TEST(app.logged("has ended after") == 2);
    BOOST_TEST(app.logged("connected to") == 3);
}

BOOST_AUTO_TEST_CASE(addresses_are_tried_in_turn) {
    const listening other("127.0.0.2", server.at.port());
    begin(
        "protocol = test.echo\nbackoff = 1s\naddress = 127.0.0.1\n 127.0.0.2\nport = " +
        std::to_string(server.at.port())
    );
    for (int i = 1; i <= 4; ++i) {
        accept(i % 2 == 1 ? server : other);
        until([&] { return counted("connected") == i && counted("connections") == 0; });
        time.advance(30s);
    }
    BOOST_TEST(counted("connected") == 4);
}

BOOST_AUTO_TEST_CASE(several_connections_spread_over_the_addresses_and_live_alone) {
    const listening other("127.0.0.2");
    begin(
        "protocol = test.echo\nconnections = 3\nbackoff = 1s\naddress = 127.0.0.1:" +
        std::to_string(server.at.port()) + "\n 127.0.0.2:" + std::to_string(other.at.port()) + "\n"
    );
    std::vector<peer> first, second;
    first.push_back(accept(server));
    second.push_back(accept(other));
    first.push_back(accept(server));
    until([&] { return client->condition() == "3 of 3 up"; });
    second.clear();
    until([&] { return counted("connections") == 2; });
    BOOST_TEST(client->condition().starts_with("2 of 3 up; waits "));
    time.advance(1s);
    first.push_back(accept(server));
    until([&] { return client->condition() == "3 of 3 up"; });
}

BOOST_AUTO_TEST_CASE(too_many_failed_attempts_in_a_row_fail_the_start) {
    const std::string where = to(server);
    server.socket.reset();
    begin("protocol = test.echo\nconnect_attempts = 3\nbackoff = 1s\nbackoff_max = 1s\n" + where);
    for (int i = 1; i < 3; ++i) {
        until([&] { return counted("failed_refused") == i; });
        time.advance(1s);
    }
    BOOST_CHECK_EXCEPTION(finish(), std::runtime_error, [](const std::exception& e) {
        BOOST_TEST(std::string(e.what()).starts_with(
            "Client(test) failed to start: 3 attempts to connect in a row have failed, the last: "
        ));
        return true;
    });
    BOOST_TEST(app.crashes.empty());
    stop();
}

BOOST_AUTO_TEST_CASE(too_many_failed_attempts_later_crash_the_client) {
    begin("protocol = test.echo\nconnect_attempts = 1\nbackoff = 1s\n" + to(server));
    {
        const peer far = accept(server);
        finish();
        server.socket.reset();
    }
    until([&] { return counted("connections") == 0; });
    time.advance(1s);
    until([&] { return !app.crashes.empty(); });
    BOOST_TEST(app.crashes.front().starts_with(
        "client/test: 1 attempt to connect in a row has failed, the last: 127.0.0.1:"
    ));
    BOOST_TEST(client->condition() == "crashed, 1 failure, last: refused");
    stop();
}

BOOST_AUTO_TEST_CASE(an_error_of_the_protocol_is_logged_and_it_connects_again) {
    begin("protocol = test.fails\nbackoff = 1s\n" + to(server));
    peer far = accept(server);
    far.send("pay\n");
    until_logged("ERROR aio Client(test) connection to 127.0.0.1:");
    BOOST_TEST(app.logged("failed after 0.0 s: no such account; it connects again in ") == 1);
    time.advance(1s);
    accept(server);
}

BOOST_AUTO_TEST_CASE(a_reset_is_a_warning_with_its_reason) {
    begin("protocol = test.echo\n" + to(server));
    peer far = accept(server);
    finish();
    far.reset();
    until_logged("WARNING aio Client(test) connection to 127.0.0.1:");
    BOOST_TEST(
        app.logged("is lost: read: Connection reset by peer, after 0.0 s; it connects again in ")
    );
}

BOOST_AUTO_TEST_CASE(a_mistake_of_the_protocol_crashes_the_client_once) {
    begin("protocol = test.mistaken\nwait_connected = no\n" + to(server));
    accept(server);
    until([&] { return !app.crashes.empty(); });
    BOOST_TEST(app.crashes.front() == "client/test: this can never work");
    time.advance(1h);
    BOOST_TEST(lonely(server));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_input_and_lets_the_protocol_finish) {
    begin("protocol = test.says_goodbye\n" + to(server));
    peer far = accept(server);
    finish();
    stop();
    until_readable(far);
    BOOST_TEST(far.receive_all() == "goodbye\n");
    time.advance(1h);
    BOOST_TEST(lonely(server));
}

BOOST_AUTO_TEST_CASE(a_protocol_that_ignores_the_stop_is_cancelled) {
    begin("protocol = test.deaf\n" + to(server));
    peer far = accept(server);
    finish();
    client->begin_stop();
    group.spawn("stop", client->wait_stopped());
    settle();
    BOOST_TEST(!group.empty());
    BOOST_REQUIRE(client->unfinished().size() == 1);
    BOOST_TEST(
        client->unfinished().front() ==
        "connection to 127.0.0.1:" + std::to_string(server.at.port()) + " awaits event for 0.0 s"
    );
    client->cancel();
    finish();
    BOOST_TEST(far.receive_all() == "deaf\n");
}

BOOST_AUTO_TEST_CASE(a_stop_during_a_pause_or_an_attempt_ends_at_once) {
    const std::string where = to(server);
    server.socket.reset();
    begin("protocol = test.echo\nwait_connected = no\nbackoff = 30s\n" + where);
    until_logged("cannot connect");
    stop();
    BOOST_TEST(client->condition() == "stopped, 1 failure, last: refused");

    listening hole;
    ::listen(hole.socket.get(), 0);
    const peer taken = peer::connect(hole.at);
    begin("protocol = test.echo\nwait_connected = no\n" + to(hole));
    until([&] { return counted("attempts") == 1; });
    settle();
    BOOST_TEST(client->condition() == "connecting");
    stop();
}

BOOST_AUTO_TEST_CASE(a_stop_while_the_start_waits) {
    const std::string where = to(server);
    server.socket.reset();
    begin("protocol = test.echo\n" + where);
    until_logged("cannot connect");
    group.cancel();
    until([&] { return group.empty(); });
    stop();
    BOOST_TEST(counted("attempts") == 1);
}

BOOST_AUTO_TEST_CASE(a_restart_uses_the_same_client) {
    begin("protocol = test.echo\n" + to(server));
    accept(server);
    finish();
    stop();
    group.spawn("start", client->start());
    peer far = accept(server);
    finish();
    far.send("again");
    until_readable(far);
    BOOST_TEST(far.receive() == "again");
    BOOST_TEST(counted("connected") == 2);
}

// elasticache-memcached#47, moq#1508, pierc#25: a name that failed once was never asked for again.
BOOST_AUTO_TEST_CASE(a_name_that_is_not_resolved_is_asked_for_again) {
    scripted_names names(loop);
    begin("protocol = test.echo\nbackoff = 1s\naddress = bank.example\nport = 80\n");
    for (int i = 1; i <= 3; ++i) {
        until([&] { return names.asked == i && counted("failed_name") == i; });
        BOOST_TEST(client->condition().ends_with("last: name not resolved"));
        if (i == 3)
            names.answer = server.at;
        time.advance(i == 1 ? 1s : i == 2 ? 2s : 4s);
    }
    accept(server);
    finish();
}

// irssi#195, kafka#9902, quickfixj#384, ics-openvpn#1899: the address of the first time was used
// for ever.
BOOST_AUTO_TEST_CASE(each_attempt_resolves_the_name_anew) {
    const listening moved;
    scripted_names names(loop);
    names.answer = server.at;
    begin("protocol = test.echo\nbackoff = 1s\naddress = bank.example\nport = 80\n");
    accept(server);
    names.answer = moved.at;
    until([&] { return counted("connected") == 1 && counted("connections") == 0; });
    time.advance(5s);
    accept(moved);
    BOOST_TEST(app.logged("connected to bank.example:80 (" + server.at.text() + ")") == 1);
}

// happy#1780, wasync#178, ezsockets#87: a client that was closed during its pause came back, or
// twice after it was opened again.
BOOST_AUTO_TEST_CASE(a_client_that_stops_in_a_pause_comes_back_once) {
    begin("protocol = test.echo\nbackoff = 1s\n" + to(server));
    accept(server);
    until([&] { return counted("connected") == 1 && counted("connections") == 0; });
    stop();
    time.advance(1h);
    BOOST_TEST(lonely(server));
    group.spawn("start", client->start());
    const peer far = accept(server);
    finish();
    time.advance(1h);
    BOOST_TEST(lonely(server));
    BOOST_TEST(counted("attempts") == 2);
}

BOOST_AUTO_TEST_CASE(signals_tell_when_it_is_connected_and_lost) {
    std::vector<std::string> heard;
    const auto note = [&](const std::string& what) {
        return [&heard, what](const signal::event& received) {
            heard.push_back(what + " " + received.data<std::string>());
        };
    };
    app.bus.listen("client-connected", signal::listener(note("connected")));
    app.bus.listen("client-lost", signal::listener(note("lost")));
    begin("protocol = test.echo\n" + to(server));
    accept(server);
    until([&] { return heard.size() == 2; });
    BOOST_TEST(heard[0] == "connected client/test");
    BOOST_TEST(heard[1] == "lost client/test");
}

BOOST_AUTO_TEST_CASE(a_silent_connection_ends_after_its_idle_timeout) {
    begin("protocol = test.says_goodbye\nidle_timeout = 10s\n" + to(server));
    peer far = accept(server);
    finish();
    pass(9s);
    far.send("x\n");
    settle();
    pass(9s);
    BOOST_TEST(!far.readable(0ms));
    pass(2s);
    until_readable(far);
    BOOST_TEST(far.receive_all() == "goodbye\n");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_kept_elsewhere_is_closed_with_its_protocol) {
    stream kept;
    module.protocol("keeps", [&](stream s) { kept = std::move(s); });
    begin("protocol = test.keeps\n" + to(server));
    peer far = accept(server);
    until_readable(far);
    BOOST_TEST(far.receive() == "");
    stop();
    client.reset();
    kept = {};
}

BOOST_AUTO_TEST_SUITE_END()
