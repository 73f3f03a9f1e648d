#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>
#include <aio/server/spec.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace aio;
using net::transport_kind;

namespace {

struct outcome {
    server::spec spec;
    std::string text;
};

outcome section(const std::string& body, config::unknown undeclared = config::unknown::near_error) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[server/test]\n" + body);
    const config::tree tree = config::merge(in);
    base::diagnostics problems;
    config::schema function;
    function.option("greeting", "hello", "what to say");
    outcome made;
    made.spec = server::read_spec({*tree.find("server/test"), &function, undeclared, problems});
    made.text = base::render(problems);
    return made;
}

void expect(const std::string& body, const std::string& message) {
    const std::string text = section(body).text;
    BOOST_TEST_CONTEXT(body << "\n gives " << text)
    BOOST_TEST(text.find(message) != std::string::npos);
}

} // namespace

BOOST_AUTO_TEST_SUITE(spec_)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const outcome r = section("protocol = a.b\nport = 8080\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.protocol == "a.b");
    BOOST_TEST((r.spec.where.transport == transport_kind::tcp));
    BOOST_TEST(r.spec.where.port == 8080);
    BOOST_TEST(r.spec.where.addresses.empty());
    BOOST_TEST(r.spec.where.no_delay);
    BOOST_TEST(!r.spec.where.reuse_port);
    BOOST_TEST(r.spec.limits.backlog == 1024);
    BOOST_TEST(r.spec.loops == 1u);
    BOOST_TEST(r.spec.limits.max_connections == 10000u);
    BOOST_TEST(!r.spec.limits.idle_timeout);
    BOOST_TEST(r.spec.limits.max_buffered == 16u << 20);
    BOOST_TEST(!r.spec.tls);
}

BOOST_AUTO_TEST_CASE(everything_written_is_read) {
    const outcome r = section(
        "factory = a.f\nprotocol = a.b\naddress =\n  127.0.0.1\n  ::1\nport = 0\nbacklog = 5\n"
        "reuse_port = yes\nno_delay = no\nloops = all\nmax_connections = 3\nidle_timeout = 90s\n"
        "max_buffered = 2M\n"
        "tls_certificate = c.pem\ntls_key = k.pem\ntls_ca = ca.pem\ntls_client = require\n"
        "tls_min = 1.3\ngreeting = moin\n"
    );
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.factory == "a.f");
    BOOST_TEST(r.spec.where.addresses.size() == 2u);
    BOOST_TEST(r.spec.where.port == 0);
    BOOST_TEST(r.spec.limits.backlog == 5);
    BOOST_TEST(r.spec.where.reuse_port);
    BOOST_TEST(!r.spec.where.no_delay);
    BOOST_TEST(r.spec.loops == 0u);
    BOOST_TEST(r.spec.limits.max_connections == 3u);
    BOOST_TEST((r.spec.limits.idle_timeout == std::chrono::seconds(90)));
    BOOST_TEST(r.spec.limits.max_buffered == 2u << 20);
    BOOST_REQUIRE(r.spec.tls);
    BOOST_TEST(r.spec.tls->certificate == "c.pem");
    BOOST_TEST(r.spec.tls->key == "k.pem");
    BOOST_TEST((r.spec.tls->client == net::client_certificate::require));
    BOOST_TEST(r.spec.tls->least == "1.3");
    BOOST_TEST(r.spec.options.get<std::string>("greeting") == "moin");
}

BOOST_AUTO_TEST_CASE(a_unix_server) {
    const outcome r = section("protocol = a.b\ntransport = unix\npath = /tmp/s\nmode = 0660\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST((r.spec.where.transport == transport_kind::unix_stream));
    BOOST_TEST(r.spec.where.path == "/tmp/s");
    BOOST_TEST(r.spec.where.mode.value() == 0660u);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_unix_server_names_a_socket) {
    for (const char* path : {"s.sock/", "/run/app/", "run/.", "..", "/"})
        expect(
            "protocol = a\ntransport = unix\npath = " + std::string(path) + "\n",
            "[server/test] path: names a folder, not a socket in it"
        );
    expect(
        "protocol = a\ntransport = unix\npath = @s.sock\n",
        "[server/test] path: servers have no abstract sockets; a file of this name begins with ./"
    );
    expect(
        "protocol = a\ntransport = unix\npath = s.sock\nmode = 4777\n",
        "[server/test] mode: '4777' is not a permission"
    );
    const std::string home = section("protocol = a\ntransport = unix\npath = ~/s.sock\n").text;
    BOOST_TEST(home.find("warning: [server/test] path: '~' is the name of a folder") != home.npos);
    BOOST_TEST(home.find("no shell expands '~' here: write the whole path") != home.npos);
}

BOOST_AUTO_TEST_CASE(case_50_neither_factory_nor_protocol) {
    expect(
        "port = 7070\naddress = 127.0.0.1\n",
        "t.conf:1:1: error: Section [server/test] must specify one of factory or protocol to start "
        "server"
    );
}

BOOST_AUTO_TEST_CASE(case_51_no_port) {
    expect("factory = a.f\n", "error: Section [server/test] must specify port to listen on");
    expect("protocol = a.b\ntransport = udp\n", "must specify port to listen on");
    expect("protocol = a.b\ntransport = unix\n", "must specify path to listen on");
    expect("protocol = a.b\ntransport = unix\npath =\n", "[server/test] path: is empty");
}

BOOST_AUTO_TEST_CASE(options_that_do_not_belong_together) {
    expect("protocol = a\nport = 1\npath = /x\n", "path has a meaning only with transport = unix");
    expect(
        "protocol = a\ntransport = unix\npath = /x\nport = 1\n",
        "port has a meaning only with transport = tcp"
    );
    expect(
        "protocol = a\nport = 1\ntls_key = k\n", "tls_key has a meaning only with tls_certificate"
    );
    for (const char* option : {"tls_certificate", "tls_key", "tls_ca"}) // set, but to nothing
        expect(
            "protocol = a\nport = 1\n" + std::string(option) + " =\n",
            "[server/test] " + std::string(option) + ": '' is empty"
        );
    expect(
        "protocol = a\nport = 1\ntls_certificate = c\ntls_client = require\n",
        "tls_client = require needs tls_ca"
    );
    for (const char* client : {"", "tls_client = none\n"}) // nobody is checked
        expect(
            std::string("protocol = a\nport = 1\ntls_certificate = c\ntls_ca = ca\n") + client,
            "tls_ca has a meaning only with tls_client = request or require"
        );
    expect(
        "protocol = a\nport = 1\ntransport = udp\ntls_certificate = c\n",
        "TLS is for transport = tcp and unix only"
    );
    expect(
        "protocol = a\npath = s\ntransport = unix\nkeepalive = 3\n",
        "keepalive has a meaning only with transport = tcp"
    );
    for (const std::string option : {"idle_timeout", "first_byte_timeout", "write_timeout"})
        expect(
            "protocol = a\nport = 1\ntransport = udp\n" + option + " = 3\n",
            option + " has a meaning only with transport = tcp or unix"
        );
    for (const char* option : {"unsent = 64k", "address_rate = 1/s", "address_connections = 1"})
        expect(
            "protocol = a\npath = s\ntransport = unix\n" + std::string(option) + "\n",
            "has a meaning only with transport = tcp"
        );
    for (const char* option : {"allow = ::1", "when_full = wait", "accept_rate = 1/s"})
        expect(
            "protocol = a\nport = 1\ntransport = udp\n" + std::string(option) + "\n",
            "has a meaning only with transport = tcp or unix"
        );
    expect(
        "protocol = a\nport = 1\nproxy_from = ::1\n",
        "proxy_from has a meaning only with proxy_protocol = required"
    );
    expect(
        "protocol = a\nport = 1\nhandshake_timeout = 3s\n",
        "handshake_timeout has a meaning only with tls_certificate"
    );
    expect(
        "protocol = a\nport = 1\ntransport = udp\nmax_buffered = 1M\n",
        "max_buffered has a meaning only with transport = tcp or unix"
    );
}

BOOST_AUTO_TEST_CASE(a_mistake_in_a_list_of_networks_is_shown_in_its_place) {
    const std::string start = "protocol = a\nport = 1\n";
    BOOST_TEST(
        section(start + "allow = 10.0.0.0/8 10.1.2.3/8 ::1\n").text ==
        "t.conf:4:20: error: [server/test] allow: '10.1.2.3/8' has bits set after its prefix\n"
        "    allow = 10.0.0.0/8 10.1.2.3/8 ::1\n"
        "                       ^\n"
        "  the network is 10.0.0.0/8, the address alone 10.1.2.3\n"
    );
    BOOST_TEST(
        section(start + "deny =\n  ::1\n  localhost\n").text ==
        "t.conf:6:3: error: [server/test] deny: 'localhost' is neither an address nor a network\n"
        "      localhost\n"
        "      ^\n"
        "  names are not looked up; write the addresses\n"
    );
    BOOST_TEST(
        section(start + "proxy_protocol = required\n").text ==
        "t.conf:4:18: error: [server/test] proxy_protocol: 'required' needs proxy_from\n"
        "    proxy_protocol = required\n"
        "                     ^\n"
        "  the networks of the proxies; nobody else is believed\n"
    );
    BOOST_TEST(
        section(start + "address_prefix = 32\n").text ==
        "t.conf:4:18: error: [server/test] address_prefix: '32' is not two lengths of prefixes\n"
        "    address_prefix = 32\n"
        "                     ^\n"
        "  the bits of an IPv4 and of an IPv6 address that make a client: 32 64\n"
    );
}

BOOST_AUTO_TEST_CASE(values_out_of_range_and_misspelled) {
    for (const char* body :
         {"port = 65536",
          "port = -1",
          "backlog = 0",
          "loops = 0",
          "loops = many",
          "max_connections = 0",
          "idle_timeout = 0",
          "max_buffered = 1",
          "when_full = drop",
          "accept_rate = 0",
          "accept_rate = fast",
          "address_rate = 0/s",
          "address_connections = 0",
          "address_prefix = 33 64",
          "address_prefix = 32 129",
          "address_prefix = 32/64",
          "address_prefix =",
          "allow =",
          "deny = 10.0.0.0/8,::1",
          "handshake_timeout = 0",
          "linger = 0",
          "unsent = 0",
          "defer_accept = 5s",
          "proxy_protocol = optional",
          "max_buffered = much",
          "transport = sctp",
          "address = not an address",
          "address = 127.0.0.1:80",
          "address = fe80::1%",
          "mode = 999",
          "mode =",
          "tls_min = 1.1",
          "tls_client = maybe",
          "prot = 1"})
        BOOST_TEST(section(std::string("protocol = a\nport = 1\n") + body + "\n").text != "", body);
    BOOST_TEST(section("protocol = a\nport = 1\naddress = fe80::1%eth77\n").text == "");
    BOOST_TEST(
        section("protocol = a\nport = 1\nown = 1\n").text == "", "a function's own option is kept"
    );
    BOOST_TEST(
        section("protocol = a\nport = 1\nown = 1\n", config::unknown::error).text != "",
        "unless strict"
    );
}

BOOST_AUTO_TEST_SUITE_END()
