#include <aio/testing/tcp_proxy.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

using namespace aio::testing;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// A client, a server and the proxy between them; everything else blocks.
struct between {
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    tcp_proxy proxy{acceptor.local_endpoint().port()};
    tcp::socket client{io}, server{io};

    void connect() {
        client.connect({asio::ip::address_v4::loopback(), proxy.port()});
        server = acceptor.accept();
    }

    static void send(tcp::socket& target, std::string_view text) {
        asio::write(target, asio::buffer(text));
    }

    /// So many bytes, or what came before the end.
    static std::string
    receive(tcp::socket& from, std::size_t count, boost::system::error_code* why = nullptr) {
        std::string text(count, '\0');
        boost::system::error_code end;
        text.resize(asio::read(from, asio::buffer(text), end));
        if (why)
            *why = end;
        return text;
    }
};

std::string upper(std::string_view text) {
    std::string all(text);
    std::ranges::transform(all, all.begin(), [](unsigned char c) { return std::toupper(c); });
    return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tcp_proxy_, between)

BOOST_AUTO_TEST_CASE(case_158_bytes_pass_both_ways) {
    connect();
    send(client, "ping");
    BOOST_TEST(receive(server, 4) == "ping");
    send(server, "pong!");
    BOOST_TEST(receive(client, 5) == "pong!");
    BOOST_TEST(proxy.connections() == 1u);
    BOOST_TEST(proxy.accepted() == 1u);
    BOOST_TEST(proxy.bytes(toward::server) == 4u);
}

BOOST_AUTO_TEST_CASE(an_end_passes_and_the_other_direction_stays) {
    connect();
    send(client, "last");
    client.shutdown(tcp::socket::shutdown_send);
    BOOST_TEST(receive(server, 100) == "last");
    send(server, "answer");
    BOOST_TEST(receive(client, 6) == "answer");
}

BOOST_AUTO_TEST_CASE(case_158_cutting_is_an_end_for_both) {
    connect();
    send(client, "x");
    BOOST_TEST(receive(server, 1) == "x");
    proxy.cut();
    BOOST_TEST(receive(client, 1) == "");
    BOOST_TEST(receive(server, 1) == "");
    BOOST_TEST(proxy.connections() == 0u);
    client.close();
    connect(); // the next one is as good as ever
    send(client, "y");
    BOOST_TEST(receive(server, 1) == "y");
}

BOOST_AUTO_TEST_CASE(a_cut_can_be_a_reset) {
    connect();
    send(client, "x");
    BOOST_TEST(receive(server, 1) == "x");
    proxy.cut(tcp_proxy::cut_by::reset);
    boost::system::error_code why;
    BOOST_TEST(receive(client, 1, &why) == "");
    BOOST_TEST(why == asio::error::connection_reset);
}

BOOST_AUTO_TEST_CASE(case_158_chunks_are_rewritten) {
    connect();
    proxy.rewrite(toward::server, upper);
    send(client, "ping");
    BOOST_TEST(receive(server, 4) == "PING");
    send(server, "pong");
    BOOST_TEST(receive(client, 4) == "pong");
    proxy.rewrite(toward::server, {});
    send(client, "ping");
    BOOST_TEST(receive(server, 4) == "ping");
}

BOOST_AUTO_TEST_CASE(case_158_chunks_are_slowed_down) {
    connect();
    proxy.slow_down(toward::client, 50ms);
    const auto before = std::chrono::steady_clock::now();
    send(server, "late");
    BOOST_TEST(receive(client, 4) == "late");
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_slow_chunk_does_not_hold_up_the_end) {
    connect();
    proxy.slow_down(toward::server, 1h);
    send(client, "never there");
    proxy.slow_down(toward::client, 1h);
}

BOOST_AUTO_TEST_CASE(bytes_arrive_later_and_as_many_as_before) {
    connect();
    proxy.delay(toward::client, 50ms);
    const std::string much(500'000, 'x');
    std::thread sender([&] { send(server, much); });
    const auto begun = std::chrono::steady_clock::now();
    BOOST_TEST((receive(client, much.size()) == much));
    const auto took = std::chrono::steady_clock::now() - begun;
    sender.join();
    BOOST_TEST((took >= 50ms)); // a delay of each chunk would be 30 times as long
    send(client, "ping");
    BOOST_TEST(receive(server, 4) == "ping");
}

BOOST_AUTO_TEST_CASE(a_direction_has_a_bandwidth) {
    connect();
    proxy.limit(toward::server, 20'000);
    const auto begun = std::chrono::steady_clock::now();
    send(client, std::string(2'000, 'x'));
    BOOST_TEST(receive(server, 2'000).size() == 2'000u);
    BOOST_TEST((std::chrono::steady_clock::now() - begun >= 80ms));
    proxy.limit(toward::server, std::nullopt);
    send(client, std::string(2'000'000, 'x'));
    BOOST_TEST(receive(server, 2'000'000).size() == 2'000'000u);
}

BOOST_AUTO_TEST_CASE(what_passes_is_sliced) {
    connect();
    proxy.slice(toward::server, 2, 5ms);
    send(client, "0123456789");
    std::string all;
    std::size_t pieces = 0;
    for (char room[10]; all.size() < 10; ++pieces)
        all.append(room, server.read_some(asio::buffer(room)));
    BOOST_TEST(all == "0123456789");
    BOOST_TEST(pieces > 1u); // some may be read together
    proxy.slice(toward::server, 0);
    send(client, "abc");
    BOOST_TEST(receive(server, 3) == "abc");
}

BOOST_AUTO_TEST_CASE(a_direction_stalls_and_the_other_one_goes_on) {
    connect();
    proxy.stall(toward::server);
    send(client, "wait");
    client.shutdown(tcp::socket::shutdown_send);
    send(server, "go");
    BOOST_TEST(receive(client, 2) == "go");
    BOOST_TEST(proxy.bytes(toward::server) == 0u);
    proxy.resume(toward::server);
    BOOST_TEST(receive(server, 100) == "wait");
}

BOOST_AUTO_TEST_CASE(a_connection_is_cut_after_so_many_bytes_in_one_direction) {
    proxy.cut_after(toward::client, 4);
    for (int i = 0; i < 2; ++i) { // each connection counts for itself
        connect();
        send(client, "much more than four");
        BOOST_TEST(receive(server, 19).size() == 19u);
        send(server, "0123456789");
        boost::system::error_code why;
        BOOST_TEST(std::string("0123").starts_with(receive(client, 10, &why)));
        BOOST_TEST(why == asio::error::connection_reset);
        client.close();
    }
    proxy.cut_after(toward::client, 4, tcp_proxy::cut_by::end);
    connect();
    send(server, "0123456789");
    BOOST_TEST(receive(client, 10) == "0123");
    client.close();
    proxy.cut_after(toward::client, std::nullopt);
    connect();
    send(server, "0123456789");
    BOOST_TEST(receive(client, 10) == "0123456789");
}

// Settings that are taken back while data waits by them do not hang, and the data goes on.
BOOST_AUTO_TEST_CASE(toxiproxy_159_558_what_waits_goes_on_when_a_setting_ends) {
    connect();
    proxy.delay(toward::server, 1h);
    proxy.slow_down(toward::server, 1h);
    std::thread sender([&] {
        for (int i = 0; i < 200; ++i)
            send(client, "0123456789");
    });
    proxy.stall(toward::server);
    proxy.delay(toward::server, {});
    proxy.slow_down(toward::server, {});
    proxy.limit(toward::server, 100'000);
    proxy.resume(toward::server);
    proxy.limit(toward::server, std::nullopt);
    BOOST_TEST(receive(server, 2000).size() == 2000u);
    sender.join();
}

BOOST_AUTO_TEST_CASE(a_proxy_ends_whatever_its_connections_wait_for) {
    connect();
    proxy.stall(toward::server);
    proxy.delay(toward::client, 1h);
    proxy.limit(toward::client, 1);
    send(client, "never there");
    send(server, "nor there");
}

BOOST_AUTO_TEST_CASE(new_connections_can_be_refused) {
    proxy.refuse();
    client.connect({asio::ip::address_v4::loopback(), proxy.port()});
    BOOST_TEST(receive(client, 1) == "");
    BOOST_TEST(proxy.connections() == 0u);
    BOOST_TEST(proxy.accepted() == 1u);
}

BOOST_AUTO_TEST_CASE(new_connections_are_accepted_again_after_a_refusal) {
    proxy.refuse();
    proxy.accept();
    connect();
    send(client, "back");
    BOOST_TEST(receive(server, 4) == "back");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_an_end_for_the_client) {
    acceptor.close();
    client.connect({asio::ip::address_v4::loopback(), proxy.port()});
    BOOST_TEST(receive(client, 1) == "");
}

BOOST_AUTO_TEST_SUITE_END()
