// Servers behind a proxy that announces its clients.

#include "timed.hpp"

#include <aio/net/proxy_header.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

using namespace std::chrono_literals;

namespace {

using aio::net::proxy_header;

aio::task<void> who(aio::net::stream s) {
    co_await s.write(s.peer().host() + " by " + s.socket_peer().host() + "\n");
    while (auto data = co_await s.read())
        co_await s.write(data);
}

struct callback_who final : support::callback_echo {
    void connection_made(aio::net::transport& by) override {
        support::callback_echo::connection_made(by);
        by.write(by.peer().host() + " by " + by.socket_peer().host() + "\n");
    }
};

/// Answers each datagram with its sender.
struct datagram_who final : aio::net::datagram_protocol {
    void connection_made(aio::net::datagram_transport& by) override { to = &by; }

    void
    datagram_received(std::span<const std::byte> data, const aio::net::address& from) override {
        const std::string text(reinterpret_cast<const char*>(data.data()), data.size());
        const aio::net::address copy = from;
        to->send_to(copy.text() + " says " + text, copy);
    }

    aio::net::datagram_transport* to = nullptr;
};

std::string datagram_header(const std::string& from) {
    proxy_header made;
    made.about = proxy_header::subject::client;
    made.datagram = true;
    made.from = *aio::net::address::parse_with_port(from);
    made.to = *aio::net::address::parse_with_port("127.0.0.1:53");
    return aio::net::write_proxy_header(made);
}

std::string line(const std::string& from) {
    return "PROXY TCP4 " + from + " 127.0.0.1 4242 80\r\n";
}

/// Answers with what the proxy has announced beyond the client.
aio::task<void> told(aio::net::stream s) {
    const proxy_header* const header = s.announced();
    if (!header)
        co_return co_await s.write("nothing");
    co_await s.write(
        header->to.text() + " " + header->authority + " " + header->unique_id + " " +
        (header->tls ? header->tls->common_name : "plain")
    );
}

struct proxied : support::timed {
    proxied() {
        module.protocol("told", told);
        module.protocol("who", who);
        module.protocol<callback_who>("callback_who");
        module.protocol<datagram_who>("datagram_who");
    }

    void serve_proxy(const std::string& protocol, const std::string& more = "") {
        serve(protocol, "proxy_protocol = required\nproxy_from = 127.0.0.1\n" + more);
    }

    support::peer from(const std::string& source) {
        aio::net::socket made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const auto own = *aio::net::address::parse(source, 0);
        const auto target = *aio::net::address::parse_with_port(endpoint());
        if (::bind(made.get(), own.raw(), own.size()) != 0 ||
            ::connect(made.get(), target.raw(), target.size()) != 0)
            throw std::system_error(errno, std::system_category(), "connect from " + source);
        support::peer out(std::move(made));
        settle();
        return out;
    }

    void say(support::peer& client, std::string_view bytes) {
        client.send(bytes);
        client.arrived();
        settle();
    }

    /// What comes next; "reset" after a reset.
    static std::string answer(support::peer& client) {
        try {
            return client.receive();
        } catch (const std::system_error& failed) {
            return failed.code().value() == ECONNRESET ? "reset" : failed.what();
        }
    }

    double count(const std::string& name) const {
        for (const auto& each : server->statistics())
            if (each.name == name)
                return each.value;
        return 0;
    }
};

const char* const both[] = {"who", "callback_who"};

} // namespace

BOOST_FIXTURE_TEST_SUITE(proxy_, proxied)

BOOST_AUTO_TEST_CASE(the_announced_client_is_the_peer_and_what_follows_is_data) {
    proxy_header binary;
    binary.about = proxy_header::subject::client;
    binary.from = *aio::net::address::parse("2001:db8::7", 4242);
    binary.to = *aio::net::address::parse("::1", 80);

    const struct {
        std::string header, peer;
    } all[] = {
        {line("192.0.2.7"), "192.0.2.7"},
        {write_proxy_header(binary), "2001:db8::7"},
        {"PROXY UNKNOWN\r\n", "127.0.0.1"},
        {write_proxy_header(proxy_header()), "127.0.0.1"},
    };

    for (const char* protocol : both)
        for (const auto& each : all) {
            serve_proxy(protocol);
            support::peer client = connect();
            say(client, each.header + "hello");
            const std::string expected = each.peer + " by 127.0.0.1\nhello";
            BOOST_TEST(client.receive_exactly(expected.size()) == expected);
        }
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_the_header_is_whole) {
    for (const char* protocol : both) {
        serve_proxy(protocol);
        support::peer client = connect();
        const std::string header = line("192.0.2.7");
        for (const char each : header.substr(0, header.size() - 1))
            say(client, {&each, 1});
        BOOST_TEST(!client.readable(0ms));
        BOOST_TEST(server->unfinished().at(0).ends_with("waits for the PROXY header of its peer"));
        say(client, "\n");
        BOOST_TEST(client.receive() == "192.0.2.7 by 127.0.0.1\n");
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_header_is_a_reset) {
    for (const char* protocol : both)
        for (const char* bytes : {"GET / HTTP/1.1\r\n", "PROXY TCP4 x y 1 2\r\n", "\r\n\r\n\r\n"}) {
            serve_proxy(protocol);
            support::peer client = connect();
            say(client, bytes);
            BOOST_TEST(answer(client) == "reset");
            BOOST_TEST(count("proxy_bad") == 1);
            BOOST_TEST(open() == 0u);
        }
}

BOOST_AUTO_TEST_CASE(a_header_has_5_seconds) {
    for (const char* protocol : both) {
        serve_proxy(protocol);
        support::peer silent = connect(), slow = connect();
        settle();
        say(slow, "PROXY ");
        pass(4900ms);
        say(slow, "TCP4 ");
        BOOST_TEST(open() == 2u);
        pass(200ms);
        BOOST_TEST(open() == 0u);
        BOOST_TEST(answer(silent) == "reset");
        BOOST_TEST(count("proxy_bad") == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_ends_without_a_byte_has_sent_no_bad_header) {
    serve_proxy("who");
    support::peer client = connect();
    settle();
    client.end();
    until([this] { return open() == 0; });
    BOOST_TEST(count("proxy_bad") == 0);
    BOOST_TEST(count("empty") == 1);
}

BOOST_AUTO_TEST_CASE(only_the_named_proxies_are_believed) {
    for (const char* protocol : both) {
        serve_proxy(protocol, "proxy_skip = 127.0.0.3\n");
        support::peer stranger = from("127.0.0.2"), check = from("127.0.0.3");
        BOOST_TEST(answer(stranger) == "reset");
        BOOST_TEST(count("refused_net") == 1);
        BOOST_TEST(check.receive() == "127.0.0.3 by 127.0.0.3\n");
    }
}

BOOST_AUTO_TEST_CASE(rules_hold_for_the_announced_client) {
    for (const char* protocol : both) {
        serve_proxy(protocol, "deny = 192.0.2.0/24 127.0.0.0/8\naddress_connections = 1\n");
        support::peer denied = connect(), first = connect(), second = connect(), check = connect();
        say(denied, line("192.0.2.7"));
        say(first, line("198.51.100.1"));
        say(second, line("198.51.100.1"));
        say(check, write_proxy_header(proxy_header()));
        BOOST_TEST(answer(denied) == "reset");
        BOOST_TEST(first.receive() == "198.51.100.1 by 127.0.0.1\n");
        BOOST_TEST(answer(second) == "reset");
        BOOST_TEST(check.receive() == "127.0.0.1 by 127.0.0.1\n"); // the proxy itself
        BOOST_TEST(count("refused_net") == 1);
        BOOST_TEST(count("refused_address") == 1);
        first.close();
        until([this] { return open() == 1; });
        support::peer third = connect();
        say(third, line("198.51.100.1"));
        BOOST_TEST(third.receive() == "198.51.100.1 by 127.0.0.1\n");
    }
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_a_header) {
    for (const char* protocol : both) {
        serve_proxy(protocol);
        support::peer client = connect();
        settle();
        begin_stop();
        pass(1ms);
        BOOST_TEST(open() == 0u);
        BOOST_TEST(count("proxy_bad") == 0);
        stop();
    }
}

BOOST_AUTO_TEST_CASE(a_handshake_follows_the_header_in_the_same_bytes) {
    aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    for (const char* protocol : both) {
        serve_proxy(
            protocol,
            "tls_certificate = " + (folder / "server.pem") +
                "\ntls_key = " + (folder / "server.key") + "\n"
        );
        support::peer client = connect();
        say(client, line("192.0.2.7") + "\x16\x03\x01"); // the beginning of a ClientHello
        BOOST_TEST(server->unfinished().at(0).ends_with("waits for the TLS handshake of its peer"));
        say(client, "no hello");
        until([this] { return open() == 0; });
        BOOST_TEST(count("handshakes_failed") == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_protocol_knows_what_the_proxy_has_announced) {
    serve("told", "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
    proxy_header made;
    made.about = proxy_header::subject::client;
    made.from = *aio::net::address::parse_with_port("192.0.2.7:4242");
    made.to = *aio::net::address::parse_with_port("192.0.2.1:443");
    made.authority = "bank.example";
    made.unique_id = "17";
    made.tls = aio::net::proxy_tls{"TLSv1.3", "me", true, 0};
    support::peer client = connect();
    client.send(aio::net::write_proxy_header(made));
    against([&] { BOOST_TEST(client.receive_all() == "192.0.2.1:443 bank.example 17 me"); });
    serve("told");
    support::peer direct = connect();
    against([&] { BOOST_TEST(direct.receive_all() == "nothing"); });
}

BOOST_AUTO_TEST_CASE(each_datagram_announces_its_client_and_is_answered_through_the_proxy) {
    for (const char* address : {"127.0.0.1", "*"}) {
        stop();
        stopped = false;
        start(
            std::string("protocol = test.datagram_who\ntransport = udp\nport = 0\naddress = ") +
            address + "\nproxy_protocol = required\nproxy_from = 127.0.0.1\n"
        );
        support::peer proxy = support::peer::connect(endpoint(), SOCK_DGRAM);
        for (const char* client : {"192.0.2.7:4242", "[2001:db8::1]:53", "192.0.2.8:1"}) {
            proxy.send(datagram_header(client) + "hello");
            until([&] { return proxy.readable({}); });
            BOOST_TEST(proxy.receive() == std::string(client) + " says hello");
        }
        proxy.send(aio::net::write_proxy_header(proxy_header()) + "check"); // the proxy itself
        until([&] { return proxy.readable({}); });
        BOOST_TEST(proxy.receive() == aio::net::local_address(proxy.fd()).text() + " says check");
    }
}

BOOST_AUTO_TEST_CASE(the_proxy_stands_for_a_client_at_a_unix_socket) {
    stop();
    stopped = false;
    start("protocol = test.datagram_who\ntransport = udp\nport = 0\naddress = 127.0.0.1\n"
          "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
    support::peer proxy = support::peer::connect(endpoint(), SOCK_DGRAM);
    proxy_header local;
    local.about = proxy_header::subject::client;
    local.datagram = true;
    local.from = aio::net::address::unix_socket("/run/client").value();
    local.to = aio::net::address::unix_socket("/run/proxy").value();
    proxy.send(aio::net::write_proxy_header(local) + "hello");
    until([&] { return proxy.readable({}); });
    BOOST_TEST(proxy.receive() == aio::net::local_address(proxy.fd()).text() + " says hello");
}

BOOST_AUTO_TEST_CASE(datagrams_without_a_header_or_from_elsewhere_are_dropped) {
    stop();
    stopped = false;
    start("protocol = test.datagram_who\ntransport = udp\nport = 0\naddress = 127.0.0.1\n"
          "proxy_protocol = required\nproxy_from = 10.0.0.0/8\nproxy_skip = 127.0.0.1\n");
    support::peer skipped = support::peer::connect(endpoint(), SOCK_DGRAM);
    skipped.send("plain");
    until([&] { return skipped.readable({}); });
    BOOST_TEST(skipped.receive().ends_with(" says plain"));
    stop();
    stopped = false;
    start("protocol = test.datagram_who\ntransport = udp\nport = 0\naddress = 127.0.0.1\n"
          "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
    support::peer proxy = support::peer::connect(endpoint(), SOCK_DGRAM);
    for (const std::string& wrong :
         {std::string("plain"),
          line("192.0.2.7") + "x",
          datagram_header("192.0.2.7:1").substr(0, 20)})
        proxy.send(wrong);
    proxy.send(datagram_header("192.0.2.7:1")); // a header and nothing else
    until([&] { return proxy.readable({}); });
    BOOST_TEST(proxy.receive() == "192.0.2.7:1 says ");
    BOOST_TEST(
        logged_with("refuses datagrams: they do not begin with a valid PROXY header: 1") == 1u
    );
    double bad = 0;
    for (const auto& each : server->statistics())
        bad += each.name == "proxy_bad" ? each.value : 0;
    BOOST_TEST(bad == 3);
    stop();
    stopped = false;
    start("protocol = test.datagram_who\ntransport = udp\nport = 0\naddress = 127.0.0.1\n"
          "proxy_protocol = required\nproxy_from = 10.0.0.0/8\n");
    support::peer stranger = support::peer::connect(endpoint(), SOCK_DGRAM);
    stranger.send(datagram_header("10.0.0.1:1") + "x");
    until([&] { return logged_with("refuses datagrams: the addresses are not permitted: 1") == 1; }
    );
}

BOOST_AUTO_TEST_SUITE_END()
