// What strangers do to a server: nothing of it costs more than its limits say, and the others are
// served meanwhile.

#include "../net/accepted_option.hpp"
#include "timed.hpp"

#include <aio/net/proxy_header.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <linux/sock_diag.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr std::size_t KiB = 1024;

/// Writes far more than any socket takes, and waits until it is read.
aio::task<void> floods(aio::net::stream s) {
    const std::string all(16 << 20, 'x');
    co_await s.write(all);
}

/// Reads a line, for 10 seconds in all.
aio::task<void> asks(aio::net::stream s) {
    s.expires_in(10s);
    const auto line = co_await s.read_line();
    if (line)
        co_await s.write(*line + "\n");
}

/// The memory that the kernel holds for a socket.
std::size_t memory_of(int fd) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> all{};
    ::socklen_t size = sizeof all;
    if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, all.data(), &size) != 0)
        return 0;
    return all[SK_MEMINFO_RMEM_ALLOC] + all[SK_MEMINFO_WMEM_QUEUED] + all[SK_MEMINFO_FWD_ALLOC] +
           all[SK_MEMINFO_BACKLOG];
}

struct abused : support::timed {
    abused() {
        module.protocol("echo", support::echo);
        module.protocol("floods", floods);
        module.protocol("asks", asks);
    }

    std::vector<support::peer> many(std::size_t count) {
        std::vector<support::peer> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(connect());
            if (i % 50 == 0)
                settle(); // the backlog has bounds
        }
        until([&] { return open() >= count; });
        return all;
    }

    bool echoes(support::peer& client) {
        client.send("x");
        until_readable(client);
        return client.receive() == "x";
    }

    /// All of them send one more byte.
    void trickle(std::vector<support::peer>& all, char byte) {
        for (support::peer& each : all)
            ::send(each.fd(), &byte, 1, MSG_NOSIGNAL);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(abuse, abused)

BOOST_AUTO_TEST_CASE(half_open_connections_end_at_first_byte_timeout) {
    serve("echo", "first_byte_timeout = 5s\n");
    support::peer healthy = connect();
    BOOST_TEST(echoes(healthy));
    auto silent = many(300);
    pass(4900ms);
    BOOST_TEST(open() == 301u);
    BOOST_TEST(echoes(healthy));
    pass(200ms);
    until([&] { return open() == 1; });
    BOOST_TEST(count("timeout_first_byte") == 300);
    BOOST_TEST(echoes(healthy));
}

BOOST_AUTO_TEST_CASE(a_proxy_header_byte_by_byte_ends_at_its_limit) {
    serve("echo", "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
    auto slow = many(100);
    const std::string header = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
    for (std::size_t second = 0; second < 4; ++second) {
        trickle(slow, header[second]);
        pass(1s);
    }
    BOOST_TEST(open() == 100u);
    pass(1100ms);
    until([&] { return open() == 0; });
    BOOST_TEST(count("proxy_bad") == 100);
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_in_its_proxy_header_gives_its_place_back_at_once) {
    serve("echo", "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
    auto all = many(3);
    for (support::peer& each : all)
        each.send("PROXY TCP4 192.0.2.1");
    settle();
    BOOST_TEST(open() == 3u);
    for (support::peer& each : all)
        ::shutdown(each.fd(), SHUT_WR);
    until([&] { return open() == 0; });
    BOOST_TEST(count("proxy_bad") == 3);
}

BOOST_AUTO_TEST_CASE(a_tls_handshake_byte_by_byte_ends_at_its_limit) {
    aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    serve(
        "echo",
        "handshake_timeout = 5s\ntls_certificate = " + (folder / "server.pem") +
            "\ntls_key = " + (folder / "server.key") + "\n"
    );
    auto slow = many(100);
    const std::string hello("\x16\x03\x01\x02\x00\x01", 6); // the beginning of a ClientHello
    for (std::size_t second = 0; second < 4; ++second) {
        trickle(slow, hello[second]);
        pass(1s);
    }
    BOOST_TEST(open() == 100u);
    pass(1100ms);
    until([&] { return open() == 0; });
    BOOST_TEST(count("handshakes_failed") == 100);
}

BOOST_AUTO_TEST_CASE(a_request_byte_by_byte_ends_at_the_deadline_of_the_protocol) {
    serve("asks", "idle_timeout = 3s\nfirst_byte_timeout = 3s\n");
    auto slow = many(100);
    for (int second = 0; second < 9; ++second) {
        trickle(slow, 'x');
        settle();
        pass(1s);
    }
    BOOST_TEST(open() == 100u);
    pass(1100ms);
    until([&] { return open() == 0; });
}

// Both ends of a connection are here. The window of a peer that does not read stays what it is at
// first, at most half of its buffer; and each byte may take as much again for the kernel's records.
BOOST_AUTO_TEST_CASE(peers_that_never_read_cost_a_bounded_amount_of_kernel_memory) {
    const struct {
        const char* options;
        std::size_t least, most; ///< of each connection
    } all[] = {
        {"", 64 * KiB, 2 * (128 + 128) * KiB},
        {"unsent = 32k\n", 32 * KiB, 2 * (32 + 128) * KiB},
        {"unsent = none\n", 1024 * KiB, 16 * 1024 * KiB}, // what the option spares
    };

    for (const auto& [options, least, most] : all) {
        serve("floods", options);
        auto deaf = many(20);
        settle();
        std::size_t sum = 0;
        for (const support::peer& each : deaf)
            sum += memory_of(each.fd()) + memory_of(support::accepted_descriptor(each));
        BOOST_TEST_MESSAGE(options << sum / deaf.size() / KiB << " KiB");
        BOOST_TEST(sum / deaf.size() >= least, options);
        BOOST_TEST(sum / deaf.size() <= most, options);
        for (support::peer& each : deaf)
            each.reset();
        until([&] { return open() == 0; });
    }
}

BOOST_AUTO_TEST_CASE(peers_that_never_read_are_reset_and_the_others_are_served) {
    serve("floods", "write_timeout = 5s\nmax_connections = 60\n");
    auto deaf = many(60);
    pass(5100ms); // what was on its way has reached the peers meanwhile
    pass(5100ms);
    until([&] { return open() == 0; });
    BOOST_TEST(count("timeout_write") == 60);
    support::peer next = connect();
    until_readable(next);
    BOOST_TEST(next.receive(1) == "x");
}

BOOST_AUTO_TEST_CASE(a_flood_of_connections_that_are_reset_leaves_nothing) {
    serve("echo", "max_connections = 100\naddress_connections = 1000\n");
    support::peer healthy = connect();
    BOOST_TEST(echoes(healthy));
    for (int i = 0; i < 200; ++i) {
        support::peer client = connect();
        if (i % 2 == 0)
            client.send("x");
        if (i % 3 == 0)
            loop.poll();
        client.reset();
        if (i % 100 == 0)
            BOOST_TEST(echoes(healthy));
    }
    until([&] { return open() == 1; });
    BOOST_TEST(count("connections") == 1);
    BOOST_TEST(echoes(healthy));
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
