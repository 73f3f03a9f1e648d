// Whom a client of TLS believes: the name of the server is always verified.
#include "secured.hpp"

#include <aio/base/mistake.hpp>
#include <aio/net/tls_session.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::net::stream;
using aio::net::tls_client_rules;
using aio::net::tls_context;
using aio::net::tls_options;
using aio::net::tls_session;

namespace {

struct fixture : support::secured {
    fixture() {
        const support::certificate ca("another authority", nullptr);
        const support::certificate named(
            "ignored.example",
            &ca,
            ::EVP_EC_gen("P-256"),
            "DNS:bank.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1"
        );
        ca.write(folder / "names_ca.pem", folder / "names_ca.key");
        named.write(folder / "names.pem", folder / "names.key");
    }

    tls_client_rules trusting(const char* ca = "names_ca.pem") const {
        tls_client_rules made;
        made.ca = folder / ca;
        return made;
    }

    /// "hello" when the client believes the server, else its error.
    std::string ask(const std::string& name, const tls_client_rules& client) {
        tls_options server;
        server.certificate = folder / "names.pem";
        server.key = folder / "names.key";
        auto [ours, other] = support::tcp_pair();
        stream serving = accept_on(std::move(ours), session(server));
        aio::net::socket theirs = std::move(other);
        ::fcntl(theirs.get(), F_SETFL, O_NONBLOCK);
        stream asking = accept_on(
            std::move(theirs), std::make_unique<tls_session>(tls_context::client(client), name)
        );
        (void)core->handshake(); // the client's first message
        std::string got;
        group.spawn("server", greet(std::move(serving)));
        group.spawn("client", hear(std::move(asking), got));
        until([&] { return group.empty(); });
        failure = nullptr; // the server's, when the client has left
        return got;
    }

    static aio::task<void> greet(stream serving) { co_await serving.write("hello\n"); }

    static aio::task<void> hear(stream asking, std::string& got) {
        try {
            got = (co_await asking.read_line()).value_or("(end)");
        } catch (const std::system_error& e) {
            got = e.code().message();
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_name, fixture)

BOOST_AUTO_TEST_CASE(a_server_is_believed_under_its_names_and_addresses) {
    for (const char* name :
         {"bank.example", "bank.example.", "BANK.example", "a.wild.example", "127.0.0.1", "::1"})
        BOOST_TEST(ask(name, trusting()) == "hello", name);
}

BOOST_AUTO_TEST_CASE(a_server_of_another_name_or_authority_is_not_believed) {
    for (const char* name :
         {"other.example",
          "ignored.example",
          "a.bank.example",
          "a.b.wild.example",
          "wild.example",
          "127.0.0.2",
          "::2"})
        BOOST_TEST(ask(name, trusting()) == "certificate verify failed", name);
    BOOST_TEST(ask("bank.example", trusting("ca.pem")) == "certificate verify failed");
}

BOOST_AUTO_TEST_CASE(a_client_without_a_name_is_a_mistake) {
    const auto client = tls_context::client(trusting());
    for (const std::string& name : {std::string(), std::string("."), std::string("a\0b", 3)})
        BOOST_CHECK_THROW(tls_session(client, name), aio::base::mistake);
}

BOOST_AUTO_TEST_SUITE_END()
