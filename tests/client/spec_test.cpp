#include "fixture.hpp"

#include <string>

using namespace aio;

namespace {

task<void> serve(net::stream) {
    co_return;
}

task<void> for_servers(net::stream, protocols::server_context) {
    co_return;
}

struct datagrams final : net::datagram_protocol {
    void datagram_received(std::span<const std::byte>, const net::address&) override {}
};

struct planned : support::client_fixture {
    planned() {
        module.protocol("serve", serve);
        module.protocol("for_servers", for_servers);
        module.protocol<datagrams>("datagrams");
        module.protocol("clashes", serve).option("steady", 1, "mine");
    }

    /// The diagnostics of the section.
    const std::string& of(const std::string& body) {
        plan(body);
        return problems;
    }

    bool tells(const std::string& body, const std::string& text) {
        const bool found = of(body).find(text) != std::string::npos;
        if (!found)
            BOOST_TEST_MESSAGE(problems);
        return found;
    }
};

const std::string good = "protocol = test.serve\naddress = 127.0.0.1\nport = 80\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(spec_, planned)

BOOST_AUTO_TEST_CASE(good_sections_have_no_mistakes) {
    for (const std::string& body :
         {good,
          std::string("address = bank.example\nport = 80\n"),
          std::string("protocol = test.serve\naddress = a.example:1\n [::1]:2\n 10.0.0.1:3\n"),
          std::string("protocol = test.serve\naddress = ::1\n fe80::1%lo\n [::1]\nport = 80\n"),
          std::string("protocol = test.serve\ntransport = unix\npath = run/app.sock\n"),
          std::string("protocol = test.serve\ntransport = unix\npath = @name\n"),
          std::string("protocol = test.datagrams\ntransport = udp\naddress = ::1\nport = 53\n"),
          good + "tls = yes\ntls_ca = ca.pem\ntls_certificate = c.pem\ntls_key = k.pem\n"
                 "tls_name = bank.example\ntls_alpn = h2\n http/1.1\ntls_alpn_required = yes\n"
                 "tls_min = 1.3\ntls_verify = no\n",
          good + "backoff = 1s\nbackoff_max = 1s\nsteady = 1m\nconnect_attempts = none\n"
                 "connections = 3\nconnect_timeout = 3s\nattempt_delay = none\nsource = 127.0.0.1\n"
                 "keepalive = none\nuser_timeout = none\nno_delay = no\nidle_timeout = none\n"
                 "proxy = http://u:p@proxy.example:3128\nwait_connected = no\nlinger = 1s\n"
                 "max_buffered = 1M\nkeepalive_interval = 5s\nkeepalive_probes = 2\n"}) {
        BOOST_TEST(of(body) == "");
        BOOST_TEST(client != nullptr);
    }
}

BOOST_AUTO_TEST_CASE(each_mistake_is_told) {
    BOOST_TEST(tells("protocol = test.serve\n", "Section [client/test] must specify address"));
    BOOST_TEST(tells(
        "protocol = test.serve\naddress = a.example\n", "Section [client/test] must specify port"
    ));
    BOOST_TEST(tells("transport = unix\n", "Section [client/test] must specify path"));
    BOOST_TEST(tells("address = tcp://a:1\n", "address: "));
    BOOST_TEST(tells("address = a:0\n", "address: "));
    BOOST_TEST(tells("address = *\nport = 1\n", "* is for servers"));
    BOOST_TEST(tells("address = a b\nport = 1\n", "address: "));
    BOOST_TEST(tells("address = a\nport = 0\n", "port"));
    BOOST_TEST(tells("transport = unix\npath = @\n", "path: the name is missing"));
    BOOST_TEST(tells("transport = unix\npath = " + std::string(108, 'x') + "\n", "107 bytes"));
    BOOST_TEST(tells(good + "source = here\n", "source: 'here' is not an address of ours"));
    BOOST_TEST(tells(good + "proxy = ftp://x:1\n", "proxy: "));
    BOOST_TEST(tells(good + "backoff = 1m\n", "backoff = 1m is longer than backoff_max = 30s"));
    BOOST_TEST(tells(good + "connections = 0\n", "connections"));
    BOOST_TEST(tells(good + "tls_ca = x\n", "tls_ca has a meaning only with tls = yes"));
    BOOST_TEST(tells(good + "stedy = 1s\n", "steady"));
}

BOOST_AUTO_TEST_CASE(an_option_without_a_meaning_is_told) {
    BOOST_TEST(
        tells("address = a\nport = 1\nsteady = 1s\n", "steady has a meaning only with protocol")
    );
    BOOST_TEST(tells(
        "transport = unix\npath = x\nport = 1\n",
        "port has a meaning only with transport = tcp or udp"
    ));
    BOOST_TEST(
        tells(good + "path = x\n", "path has a meaning only with transport = unix or unix-datagram")
    );
    BOOST_TEST(tells(
        "protocol = test.datagrams\ntransport = udp\naddress = a\nport = 1\nproxy = http://p:1\n",
        "proxy has a meaning only with transport = tcp"
    ));
}

BOOST_AUTO_TEST_CASE(the_protocol_has_to_fit) {
    const std::string where = "address = 127.0.0.1\nport = 80\n";
    BOOST_TEST(tells("protocol = test.nothing\n" + where, "unknown test.nothing"));
    BOOST_TEST(tells(
        "protocol = test.for_servers\n" + where,
        "takes an aio::server_context, so it serves servers only"
    ));
    BOOST_TEST(tells(
        "protocol = test.datagrams\n" + where,
        "is a datagram protocol, which does not go with transport = tcp"
    ));
    BOOST_TEST(tells(
        "protocol = test.serve\ntransport = udp\n" + where,
        "is a coroutine of a stream, which does not go with transport = udp"
    ));
    BOOST_TEST(tells(
        "protocol = test.clashes\n" + where,
        "declares the option 'steady', which is aio's own in every [client/NAME]"
    ));
}

// The lines below the message are masked by whoever prints it.
BOOST_AUTO_TEST_CASE(how_a_connection_leaves_this_machine_and_what_it_begins_with) {
    BOOST_TEST(of(good + "interface = lo\nunsent = 128k\nproxy_protocol = v2\n") == "");
    BOOST_TEST(of(good + "unsent = none\nproxy_protocol = no\n") == "");
    BOOST_TEST(tells(good + "interface = eth0/1\n", "interface: 'eth0/1' cannot be the name of an")
    );
    BOOST_TEST(tells(good + "interface = 0123456789abcdef\n", "up to 15 characters"));
    BOOST_TEST(tells(good + "unsent = 1\n", "unsent"));
    BOOST_TEST(tells(good + "proxy_protocol = v3\n", "proxy_protocol"));
    BOOST_TEST(tells(
        "protocol = test.datagrams\ntransport = udp\naddress = a\nport = 1\nunsent = 2k\n",
        "unsent has a meaning only with transport = tcp"
    ));
    BOOST_TEST(tells(
        "protocol = test.datagrams\ntransport = udp\naddress = a\nport = 1\nproxy_protocol = v1\n",
        "proxy_protocol has a meaning only with transport = tcp or unix"
    ));
    BOOST_TEST(tells(
        "protocol = test.serve\ntransport = unix\npath = /run/x\ninterface = lo\n",
        "interface has a meaning only with transport = tcp or udp"
    ));
}

BOOST_AUTO_TEST_CASE(a_mistake_never_shows_the_password_of_a_proxy) {
    const std::string told = of(good + "proxy = http://user:geheim@proxy.example\n");
    BOOST_TEST(told != "");
    BOOST_TEST(told.substr(0, told.find('\n')).find("geheim") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
