#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>
#include <aio/server/spec.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;

namespace {

struct outcome {
    server::spec spec;
    std::string text;
};

outcome section(const std::string& body) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[server/test]\nprotocol = a.b\nport = 1\n" + body);
    const config::tree tree = config::merge(in);
    base::diagnostics problems;
    outcome made;
    made.spec = server::read_spec(
        {*tree.find("server/test"), nullptr, config::unknown::near_error, problems}
    );
    made.text = base::render(problems);
    return made;
}

void expect(const std::string& body, const std::string& message) {
    const std::string text = section("tls_certificate = c.pem\n" + body).text;
    BOOST_TEST_CONTEXT(body << "\n gives " << text)
    BOOST_TEST(text.find(message) != std::string::npos);
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_options_)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const outcome r = section("tls_certificate = c.pem\n");
    BOOST_TEST(r.text == "");
    BOOST_REQUIRE(r.spec.tls);
    const net::tls_options& tls = *r.spec.tls;
    BOOST_TEST(tls.certificate == "c.pem");
    BOOST_TEST(tls.key == "");
    BOOST_TEST(tls.others.empty());
    BOOST_TEST((tls.unknown == net::unknown_name::first));
    BOOST_TEST((tls.policy == net::tls_policy::intermediate));
    BOOST_TEST(tls.least == "1.2");
    BOOST_TEST(tls.ciphers.before_1_3 == "");
    BOOST_TEST(tls.groups == "");
    BOOST_TEST(tls.alpn.empty());
    BOOST_TEST((tls.tickets == 12h));
    BOOST_TEST(tls.ticket_keys == "");
    BOOST_TEST((r.spec.tls_watch == 60s));
}

BOOST_AUTO_TEST_CASE(everything_written_is_read) {
    const outcome r = section(
        "tls_certificate =\n  a.pem\n  b.pem\n  c.pem\ntls_key =\n  a.key\n  b.pem\n  c.key\n"
        "tls_sni = strict\ntls_ca = ca.pem\ntls_client = request\n"
        "tls_client_names =\n  bob\n  alice@bank.example\n"
        "tls_ciphers = ECDHE-RSA-AES128-GCM-SHA256 TLS_AES_128_GCM_SHA256\ntls_curves = X25519\n"
        "tls_alpn =\n  h2\n  http/1.1\ntls_alpn_required = yes\n"
        "tls_tickets = 1h\ntls_ticket_keys = keys\ntls_watch = 5s\n"
    );
    BOOST_TEST(r.text == "");
    BOOST_REQUIRE(r.spec.tls);
    const net::tls_options& tls = *r.spec.tls;
    const std::vector<net::certificate_files> all{
        {"a.pem", "a.key"}, {"b.pem", ""}, {"c.pem", "c.key"}
    };
    BOOST_TEST((tls.certificates() == all));
    BOOST_TEST((tls.unknown == net::unknown_name::refused));
    BOOST_TEST((tls.client_names == std::vector<std::string>{"bob", "alice@bank.example"}));
    BOOST_TEST(tls.ciphers.before_1_3 == "ECDHE-RSA-AES128-GCM-SHA256");
    BOOST_TEST(tls.ciphers.since_1_3 == "TLS_AES_128_GCM_SHA256");
    BOOST_TEST(tls.groups == "X25519");
    BOOST_TEST((tls.alpn == std::vector<std::string>{"h2", "http/1.1"}));
    BOOST_TEST((tls.chosen == net::tls_alpn::required));
    BOOST_TEST((tls.tickets == 1h));
    BOOST_TEST(tls.ticket_keys == "keys");
    BOOST_TEST((r.spec.tls_watch == 5s));
    const std::vector<std::string> files{
        "a.pem", "a.key", "b.pem", "c.pem", "c.key", "ca.pem", "keys"
    };
    BOOST_TEST((tls.files() == files));
}

BOOST_AUTO_TEST_CASE(tickets_and_the_watch_can_be_switched_off) {
    const outcome r = section("tls_certificate = c\ntls_tickets = no\ntls_watch = no\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(!r.spec.tls->tickets);
    BOOST_TEST(!r.spec.tls_watch);
}

BOOST_AUTO_TEST_CASE(options_that_need_a_certificate_say_so) {
    for (const char* line :
         {"tls_sni = strict",
          "tls_policy = modern",
          "tls_alpn = h2",
          "tls_tickets = 1h",
          "tls_watch = 1s",
          "tls_client_names = bob"}) {
        const std::string text = section(std::string(line) + "\n").text;
        BOOST_TEST(text.find("has a meaning only with tls_certificate") != text.npos, text);
    }
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_at_their_places) {
    expect("tls_key =\n  a\n  b\n", "tls_key has 2 files for 1 in tls_certificate");
    expect(
        "tls_ciphers = ECDHE-RSA-AES128-GCM-SHA2\n",
        "t.conf:5:15: error: [server/test] tls_ciphers: 'ECDHE-RSA-AES128-GCM-SHA2' is not known"
    );
    expect("tls_curves = X25519 P256\n", "t.conf:5:21: error: [server/test] tls_curves: 'P256'");
    expect("tls_alpn = " + std::string(256, 'x') + "\n", "tls_alpn: the name of an application");
    expect("tls_alpn_required = yes\n", "tls_alpn_required has a meaning only with tls_alpn");
    expect("tls_client_names = bob\n", "tls_client_names has a meaning only with tls_client = ");
    expect("tls_client = require\n", "tls_client = require needs tls_ca");
    expect("tls_policy = modern\ntls_min = 1.2\n", "tls_min = 1.2 contradicts tls_policy = modern");
    expect(
        "tls_policy = modern\ntls_ciphers = ECDHE-RSA-AES128-GCM-SHA256\n",
        "tls_ciphers: ECDHE-RSA-AES128-GCM-SHA256 belongs to TLS 1.2"
    );
    expect("tls_tickets = 8d\n", "[server/test] tls_tickets: ");
    expect(
        "tls_tickets = no\ntls_ticket_keys = k\n",
        "tls_ticket_keys has a meaning only with a time in tls_tickets"
    );
}

BOOST_AUTO_TEST_SUITE_END()
