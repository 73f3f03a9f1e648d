// The end of a connection: what was written reaches the peer, and the place is free afterwards.

#include "timed.hpp"

#include <aio/testing/temporary_folder.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

using aio::task;
using aio::net::stream;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t answer_size = 300'000;

/// Answers the first line with more than its peer has room for, and reads nothing else.
task<void> answers(stream s) {
    co_await s.read_line();
    co_await s.write(std::string(answer_size, 'x'));
}

struct callback_answers final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { to = &by; }

    void data_received(std::span<const std::byte>) override {
        to->write(std::string(answer_size, 'x'));
        to->close();
    }

    aio::net::transport* to = nullptr;
};

struct closing : support::timed {
    closing() {
        module.protocol("answers", answers);
        module.protocol<callback_answers>("callback_answers");
        module.protocol("keeps", [this](stream s) { return keeps(std::move(s)); });
        module.protocol("reads_elsewhere", [this](stream s) {
            return reads_elsewhere(std::move(s));
        });
    }

    task<void> keeps(stream s) {
        room.push_back(std::move(s));
        co_return;
    }

    task<void> reads_elsewhere(stream s) {
        room.push_back(std::move(s));
        group.spawn("elsewhere", [](closing& self, stream& kept) -> task<void> {
            try {
                co_await kept.read();
            } catch (const std::system_error& e) {
                self.ended_by = e.code();
            }
        }(*this, room.back()));
        co_return;
    }

    support::peer connect_with_little_room() {
        support::peer client(aio::net::socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)});
        client.small_buffers();
        const auto at = *aio::net::address::parse_with_port(endpoint());
        BOOST_REQUIRE(::connect(client.fd(), at.raw(), at.size()) == 0);
        return client;
    }

    /// A client that has room for a small part of the answer, and has asked for it.
    support::peer asking() {
        support::peer client = connect_with_little_room();
        client.send("question\n");
        until_readable(client);
        settle();
        return client;
    }

    std::vector<stream> room;
    std::error_code ended_by;
};

constexpr std::array both{"answers", "callback_answers"};

} // namespace

BOOST_FIXTURE_TEST_SUITE(closing_, closing)

BOOST_AUTO_TEST_CASE(what_the_peer_sends_during_the_answer_does_not_cut_it) {
    for (const std::string protocol : both) {
        serve(protocol);
        support::peer client = asking();
        BOOST_TEST(open() == 1u);
        client.send("another question\n"); // a closed socket would answer with a reset
        settle();
        against([&] { BOOST_TEST(client.receive_all().size() == answer_size, protocol); });
        BOOST_TEST(open() == 1u); // the peer may still send
        client.close();
        until([&] { return open() == 0; });
    }
}

BOOST_AUTO_TEST_CASE(neither_does_it_cut_an_answer_over_tls) {
    const aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    for (const std::string protocol : both) {
        serve(
            protocol,
            "tls_certificate = " + (folder / "server.pem") +
                "\ntls_key = " + (folder / "server.key") + "\n"
        );
        support::tls_peer client(connect_with_little_room(), {});
        against([&] {
            BOOST_TEST(client.connect());
            client.send("question\n");
            BOOST_TEST(client.receive_exactly(1).front() == 'x');
        });
        settle();
        BOOST_TEST(open() == 1u);
        against([&] { client.send("another question\n"); });
        settle();
        against([&] {
            std::size_t got = 0;
            std::string more = client.receive();
            for (; more.front() == 'x'; more = client.receive())
                got += more.size();
            BOOST_TEST(got > answer_size - 65536);
            BOOST_TEST(more == "(end)", protocol);
        });
        client.over().close();
        until([&] { return open() == 0; });
    }
}

BOOST_AUTO_TEST_CASE(an_answer_that_has_arrived_is_waited_for_no_longer) {
    for (const std::string protocol : both) {
        serve(protocol);
        support::peer client = asking();
        BOOST_TEST(open() == 1u);
        against([&] { BOOST_TEST(client.receive_all().size() == answer_size, protocol); });
        until([&] { return open() == 0; }); // the client holds its side open
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_the_answer_has_60_seconds) {
    for (const std::string protocol : both) {
        serve(protocol, "unsent = none\n"); // the system takes the whole answer
        support::peer client = asking();
        pass(59900ms);
        BOOST_TEST(open() == 1u);
        pass(200ms);
        BOOST_TEST(open() == 0u);
        against([&] { BOOST_TEST(client.receive_all().size() == answer_size, protocol); });
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_the_answer_delays_a_stop_by_2_seconds) {
    for (const std::string protocol : both) {
        serve(protocol, "unsent = none\n"); // the system takes the whole answer
        support::peer client = asking();
        begin_stop();
        pass(1900ms);
        BOOST_TEST(open() == 1u);
        pass(200ms);
        BOOST_TEST(open() == 0u);
        against([&] { BOOST_TEST(client.receive_all().size() == answer_size, protocol); });
    }
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_its_connection_is_closed_though_the_handle_is_kept) {
    serve("keeps", "max_connections = 2\n");
    for (int i = 0; i < 5; ++i) {
        support::peer client = connect();
        against([&] { BOOST_TEST(client.receive_all() == ""); });
        BOOST_TEST(open() == 0u);
    }
    BOOST_TEST(room.size() == 5u);
    BOOST_TEST(logged_with("is full") == 0u);
    BOOST_TEST(server->statistics()[0].value == 0);
    stop();
    room.clear();
}

BOOST_AUTO_TEST_CASE(a_kept_handle_may_outlive_its_server) {
    serve("keeps");
    support::peer client = connect();
    against([&] { BOOST_TEST(client.receive_all() == ""); });
    stop();
    settle();
    server.reset();
    settle();
    BOOST_TEST(room.size() == 1u);
    BOOST_TEST(room.front().peer().text() == aio::net::local_address(client.fd()).text());
    group.spawn("read", [](stream& kept) -> task<void> {
        BOOST_CHECK_THROW(co_await kept.read(), std::system_error);
        BOOST_CHECK_THROW(co_await kept.write("x"), std::system_error);
        kept.close();
    }(room.front()));
    finish();
    room.clear();
}

BOOST_AUTO_TEST_CASE(a_place_is_kept_while_a_closed_connection_waits_for_its_peer) {
    serve("keeps");
    support::peer client = connect();
    client.send("unread");
    client.arrived();
    against([&] { BOOST_TEST(client.receive_all() == ""); });
    BOOST_TEST(open() == 1u);
    pass(2100ms);
    BOOST_TEST(open() == 0u);
    stop();
    room.clear();
}

BOOST_AUTO_TEST_CASE(a_read_that_waits_elsewhere_ends_with_its_connection) {
    room.reserve(1);
    serve("reads_elsewhere");
    support::peer client = connect();
    against([&] { BOOST_TEST(client.receive_all() == ""); });
    finish();
    BOOST_TEST((ended_by == std::errc::operation_canceled));
    BOOST_TEST(open() == 0u);
    stop();
    room.clear();
}

BOOST_AUTO_TEST_SUITE_END()
