// Clients of TLS, against a server that knows nothing of ours.
#include "certificates.hpp"
#include "tls_listener.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/tls_client.hpp>
#include <aio/net/tls_fault.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::connect_options;
using net::tls_client;
using support::certificate;
using support::tls_listener;

namespace {

constexpr const char* bank_names = "DNS:bank.example,DNS:*.wild.example,IP:127.0.0.1";

/// Every name leads to the listener.
struct one_place final : net::resolver {
    task<std::vector<net::address>> resolve(std::string, std::uint16_t port, net::family) override {
        net::address made = *net::address::parse("127.0.0.1", port);
        co_return std::vector<net::address>{made};
    }
};

struct fixture {
    fixture() { ca.write(at("ca.pem"), at("ca.key")); }

    std::string at(const char* name) const { return folder / name; }

    /// Signs, after `change`, and writes.
    void issue(
        const char* file,
        const char* wanted,
        const certificate& issuer,
        const std::function<void(certificate&)>& change = {}
    ) const {
        certificate made("a server", &issuer, ::EVP_EC_gen("P-256"), wanted);
        if (change)
            change(made);
        made.sign(&issuer);
        made.write(at(file), at("server.key"));
    }

    tls_listener::options serving(const char* file = "server.pem") const {
        tls_listener::options made;
        made.certificate = at(file);
        made.key = at("server.key");
        return made;
    }

    connect_options trusting() const {
        return connect_options().tls(tls_client().ca(at("ca.pem")));
    }

    task<void> begin() {
        home = async::loop::of(co_await boost::asio::this_coro::executor);
        net::dialing::of(*home).use(&names, nullptr);
    }

    static std::string url(const char* name, const tls_listener& server) {
        return "tls://" + std::string(name) + ":" + std::to_string(server.at.port());
    }

    /// What the server says, or the error without the target before it.
    task<std::string> ask(std::string where, connect_options how) {
        number = 0;
        try {
            net::stream made = co_await net::connect(where, how);
            last = made.peer_certificate();
            alpn = made.alpn();
            resumed = made.resumed();
            std::string got = (co_await made.read_line()).value_or("(end)");
            co_await made.shutdown();
            co_await made.read();
            co_return got;
        } catch (const boost::system::system_error&) {
            co_return "aborted";
        } catch (const std::system_error& e) {
            number = e.code().value();
            std::string text = e.what();
            co_return text.starts_with(where + ": ") ? text.substr(where.size() + 2) : text;
        } catch (const std::exception& e) {
            co_return e.what();
        }
    }

    testing::temporary_folder folder;
    certificate ca{"test authority", nullptr};
    async::loop* home = nullptr;
    one_place names;
    net::certificate last;
    std::string alpn;
    bool resumed = false;
    int number = 0;
};

std::size_t descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_client_)

AIO_FIXTURE_TEST_CASE(a_verified_server_is_talked_with_and_its_certificate_is_known, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    const tls_listener server(serving());
    BOOST_TEST(co_await ask(url("bank.example", server), trusting()) == "hello");
    BOOST_TEST(server.name() == "bank.example");
    BOOST_TEST(last.subject == "CN=a server");
    BOOST_TEST(last.issuer == "CN=test authority");
    BOOST_TEST(
        last.names == (std::vector<std::string>{"bank.example", "*.wild.example", "127.0.0.1"})
    );
    BOOST_TEST(last.serial == "02");
    BOOST_TEST(last.sha256.size() == 64u);
    const auto left = last.not_after - std::chrono::system_clock::now();
    BOOST_TEST((left > 50min && left < 70min));
    BOOST_TEST(alpn == "");
    BOOST_TEST(!resumed);
}

AIO_FIXTURE_TEST_CASE(an_address_is_verified_as_one_and_the_server_is_told_no_name, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    const tls_listener server(serving());
    BOOST_TEST(co_await ask(url("127.0.0.1", server), trusting()) == "hello");
    BOOST_TEST(server.name() == "");
    BOOST_TEST(
        co_await ask(
            url("127.0.0.1", server),
            connect_options().tls(tls_client().ca(at("ca.pem")).name("a.wild.example"))
        ) == "hello"
    );
    BOOST_TEST(server.name() == "a.wild.example");
}

AIO_FIXTURE_TEST_CASE(each_fault_of_a_certificate_is_said_in_words, fixture) {
    co_await begin();
    const certificate stranger("a stranger", nullptr);
    certificate between("an intermediate", nullptr);
    ::X509_set_issuer_name(between.x509, ::X509_get_subject_name(ca.x509));
    between.sign(&ca);
    certificate between_and_old("an old intermediate", nullptr);
    ::X509_set_issuer_name(between_and_old.x509, ::X509_get_subject_name(ca.x509));
    between_and_old.valid(-7200, -3600);
    between_and_old.sign(&ca);
    between_and_old.write(at("old.pem"), at("old.key"));

    struct row {
        const char* what;
        const char* names;
        const certificate* issuer;
        std::function<void(certificate&)> change;
        std::string expected; ///< the beginning
    };

    const row all[] = {
        {"expired",
         bank_names,
         &ca,
         [](certificate& c) { c.valid(-7200, -3600); },
         "the server's certificate has expired, on 2"},
        {"not yet valid",
         bank_names,
         &ca,
         [](certificate& c) { c.valid(3600, 7200); },
         "the server's certificate is not valid before 2"},
        {"another name",
         "DNS:other.example,DNS:www.other.example,IP:10.0.0.1",
         &ca,
         {},
         "the server's certificate is for other.example, www.other.example, 10.0.0.1, not for "
         "bank.example"},
        {"no name",
         nullptr,
         &ca,
         {},
         "the server's certificate is for no name, so not for bank.example: it has no "
         "subjectAltName, and its subject 'CN=a server' does not count"},
        {"unknown issuer",
         bank_names,
         &stranger,
         {},
         "the issuer 'CN=a stranger' of the server's certificate is not known: it is no trusted "
         "authority, or the server does not send the certificates between them"},
        {"missing intermediate",
         bank_names,
         &between,
         {},
         "the issuer 'CN=an intermediate' of the server's certificate is not known"},
        {"for clients",
         bank_names,
         &ca,
         [](certificate& c) { c.extend(NID_ext_key_usage, "clientAuth"); },
         "the server's certificate is not meant for servers"},
    };
    for (const row& each : all) {
        issue("server.pem", each.names, *each.issuer, each.change);
        const tls_listener server(serving());
        const std::string got = co_await ask(url("bank.example", server), trusting());
        BOOST_TEST(got.starts_with(each.expected), each.what << ": " << got);
        BOOST_TEST(number == EKEYREJECTED, each.what);
    }
    {
        issue("server.pem", bank_names, between_and_old);
        folder.write("server.pem", folder.read("server.pem") + folder.read("old.pem"));
        const tls_listener server(serving());
        const std::string got = co_await ask(url("bank.example", server), trusting());
        BOOST_TEST(
            got.starts_with("the authority 'CN=an old intermediate' of the server's certificate "
                            "has expired, on "),
            got
        );
    }
    {
        certificate self("myself", nullptr, ::EVP_EC_gen("P-256"), bank_names);
        self.write(at("server.pem"), at("server.key"));
        const tls_listener server(serving());
        BOOST_TEST(
            co_await ask(url("bank.example", server), trusting()) ==
            "the server's certificate 'CN=myself' is signed by itself, and is not trusted"
        );
        BOOST_TEST(
            co_await ask(
                url("bank.example", server),
                connect_options().tls(tls_client().ca(at("server.pem")))
            ) == "hello"
        );
    }
    {
        issue("server.pem", bank_names, stranger);
        stranger.write(at("stranger.pem"), at("stranger.key"));
        folder.write("server.pem", folder.read("server.pem") + folder.read("stranger.pem"));
        const tls_listener server(serving());
        BOOST_TEST(
            co_await ask(url("bank.example", server), trusting()) ==
            "the authority 'CN=a stranger' of the server's certificate is not trusted"
        );
    }
    {
        certificate twin("test authority", nullptr);
        issue("server.pem", bank_names, twin);
        const tls_listener server(serving());
        BOOST_TEST(
            co_await ask(url("bank.example", server), trusting()) ==
            "the server's certificate is not signed by 'CN=test authority', as it says"
        );
    }
}

AIO_FIXTURE_TEST_CASE(names_of_a_certificate_cannot_command_a_terminal, fixture) {
    co_await begin();
    issue("server.pem", "DNS:other\x1b[2Jexample", ca);
    const tls_listener server(serving());
    const std::string got = co_await ask(url("bank.example", server), trusting());
    BOOST_TEST(got.find('\x1b') == std::string::npos, got);
    BOOST_TEST(got.find("\\x1b[2J") != std::string::npos, got);
}

AIO_FIXTURE_TEST_CASE(the_authorities_of_the_system_are_believed_by_default, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    const tls_listener server(serving());
    const std::string got = co_await ask(url("bank.example", server), {});
    BOOST_TEST(got.starts_with("the issuer 'CN=test authority' of the server's certificate"), got);
}

AIO_FIXTURE_TEST_CASE(an_intermediate_that_the_user_names_is_trusted_itself, fixture) {
    co_await begin();
    certificate between("an intermediate", nullptr);
    ::X509_set_issuer_name(between.x509, ::X509_get_subject_name(ca.x509));
    between.sign(&ca);
    between.write(at("between.pem"), at("between.key"));
    issue("server.pem", bank_names, between);
    const tls_listener server(serving());
    BOOST_TEST(
        co_await ask(
            url("bank.example", server), connect_options().tls(tls_client().ca(at("between.pem")))
        ) == "hello"
    );
}

AIO_FIXTURE_TEST_CASE(nothing_is_verified_only_when_code_says_so, fixture) {
    co_await begin();
    const certificate self("myself", nullptr);
    self.write(at("server.pem"), at("server.key"));
    const tls_listener server(serving());
    BOOST_TEST(
        co_await ask(
            url("bank.example", server),
            connect_options().tls(tls_client().verify(net::tls_verify::no))
        ) == "hello"
    );
    BOOST_TEST(server.name() == "bank.example");
    BOOST_TEST(last.subject == "CN=myself");
}

AIO_FIXTURE_TEST_CASE(authorities_may_lie_in_a_folder, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    const tls_listener server(serving());
    std::filesystem::create_directories(folder / "trusted");
    const auto dial = [&] {
        return ask(
            url("bank.example", server), connect_options().tls(tls_client().ca(at("trusted")))
        );
    };
    BOOST_TEST(
        co_await dial() == "cannot use the certificates in " + at("trusted") +
                               ": no file in it holds a certificate in PEM form"
    );
    BOOST_TEST(number == ENOKEY);
    folder.write("trusted/README", "all that is trusted\n");
    folder.write("trusted/ca.crt", folder.read("ca.pem"));
    folder.write("trusted/other.pem", "");
    BOOST_TEST(co_await dial() == "hello");
}

AIO_FIXTURE_TEST_CASE(files_that_cannot_be_used_are_said_before_anything_is_connected, fixture) {
    co_await begin();
    folder.write("text.pem", "no certificate\n");
    BOOST_TEST(
        co_await ask(
            "tls://bank.example:1", connect_options().tls(tls_client().ca(at("none.pem")))
        ) == "cannot use the certificates in " + at("none.pem") + ": No such file or directory"
    );
    BOOST_TEST(number == ENOKEY);
    BOOST_TEST(
        co_await ask(
            "tls://bank.example:1", connect_options().tls(tls_client().ca(at("text.pem")))
        ) ==
        "cannot use the certificates in " + at("text.pem") + ": it holds no certificate in PEM form"
    );
    BOOST_TEST(
        co_await ask(
            "tls://bank.example:1", connect_options().tls(tls_client().certificate(at("ca.pem")))
        ) == "cannot use the key " + at("ca.pem") +
                 ": it holds no private key in PEM form, and tls_key names no other file"
    );
    BOOST_CHECK_THROW(tls_client().least("1.1"), std::invalid_argument);
    BOOST_CHECK_THROW(tls_client().alpn({"h2", ""}), std::invalid_argument);
}

AIO_FIXTURE_TEST_CASE(the_protocol_that_both_speak_is_chosen, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.alpn = "h2";
    const tls_listener server(how);
    const auto offering = [&](std::vector<std::string> all, net::tls_alpn chosen) {
        return connect_options().tls(tls_client().ca(at("ca.pem")).alpn(std::move(all), chosen));
    };
    using enum net::tls_alpn;
    const std::string where = url("bank.example", server);
    BOOST_TEST(co_await ask(where, offering({"x", "h2"}, required)) == "hello");
    BOOST_TEST(alpn == "h2");
    BOOST_TEST(co_await ask(where, offering({"x"}, offered)) == "hello");
    BOOST_TEST(alpn == "");
    BOOST_TEST(
        co_await ask(where, offering({"x"}, required)) ==
        "the peer has chosen no application protocol (ALPN)"
    );
}

AIO_FIXTURE_TEST_CASE(a_write_to_a_server_that_has_refused_says_why, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    tls_listener::options how = serving();
    how.client_ca = at("ca.pem");
    const tls_listener server(how);
    net::stream made = co_await net::connect(url("bank.example", server), trusting());
    std::error_code why;
    for (int i = 0; !why && i < 1'000'000; ++i)
        try {
            co_await made.write("not read");
        } catch (const std::system_error& e) {
            why = e.code();
        }
    BOOST_TEST(net::is_alert_of_peer(why), why.message());
    std::error_code read; // by somebody who has not heard of it
    try {
        co_await made.read();
    } catch (const std::system_error& e) {
        read = e.code();
    }
    BOOST_TEST((read == why), read.message());
}

AIO_FIXTURE_TEST_CASE(a_client_shows_its_certificate, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    const certificate client("a client", &ca);
    client.write(at("client.pem"), at("client.key"));
    auto how = serving();
    how.client_ca = at("ca.pem");
    const tls_listener server(how);
    const std::string where = url("bank.example", server);
    tls_client with = tls_client().ca(at("ca.pem"));
    BOOST_TEST(co_await ask(where, connect_options().tls(with)) != "hello");
    with.certificate(at("client.pem"), at("client.key"));
    BOOST_TEST(co_await ask(where, connect_options().tls(with)) == "hello");
}

AIO_FIXTURE_TEST_CASE(a_server_of_an_old_version_is_refused, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.version = TLS1_1_VERSION;
    const tls_listener old(how);
    how.version = TLS1_2_VERSION;
    const tls_listener usual(how);
    BOOST_TEST(
        co_await ask(url("bank.example", old), trusting()) ==
        "the peer allows no version of TLS that is allowed here"
    );
    BOOST_TEST(number == EPROTO);
    BOOST_TEST(co_await ask(url("bank.example", usual), trusting()) == "hello");
    BOOST_TEST(
        co_await ask(
            url("bank.example", usual),
            connect_options().tls(tls_client().ca(at("ca.pem")).least("1.3"))
        ) == "the peer allows no version of TLS that is allowed here"
    );
}

AIO_FIXTURE_TEST_CASE(a_second_connection_is_resumed_and_a_ticket_is_used_once, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto how = serving();
        how.version = version;
        const tls_listener server(how);
        const std::string where = url("bank.example", server);
        for (const bool expected : {false, true, true}) {
            BOOST_TEST(co_await ask(where, trusting()) == "hello");
            BOOST_TEST(resumed == expected);
            BOOST_TEST(last.subject == "CN=a server");
        }
        // A session is of one name, and of one set of rules.
        BOOST_TEST(co_await ask(url("a.wild.example", server), trusting()) == "hello");
        BOOST_TEST(!resumed);
        BOOST_TEST((co_await ask(url("bank.example", server), connect_options().tls(tls_client())))
                       .starts_with("the issuer"));
    }
}

AIO_FIXTURE_TEST_CASE(a_proxy_header_precedes_the_handshake, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.before = "\r\n";
    const tls_listener server(how);
    const auto from = *net::address::parse("192.0.2.1", 1000),
               to = *net::address::parse("10.0.0.1", 443);
    BOOST_TEST(
        co_await ask(
            url("bank.example", server),
            trusting().announce(net::proxy_header::format::text, from, to)
        ) == "hello"
    );
    BOOST_TEST(server.read_before() == "PROXY TCP4 192.0.2.1 10.0.0.1 1000 443\r\n");
}

AIO_FIXTURE_TEST_CASE(a_proxy_passes_the_handshake_on, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.before = "\r\n\r\n";
    how.answer = "HTTP/1.1 200 OK\r\n\r\n";
    const tls_listener proxy(how);
    const std::string url = "http://127.0.0.1:" + std::to_string(proxy.at.port());
    BOOST_TEST(co_await ask("tls://bank.example:443", trusting().proxy(url)) == "hello");
    BOOST_TEST(proxy.read_before().starts_with("CONNECT bank.example:443 HTTP/1.1\r\n"));
    const std::string wrong = co_await ask("tls://other.example:443", trusting().proxy(url));
    BOOST_TEST(wrong.ends_with("not for other.example"), wrong);
}

AIO_FIXTURE_TEST_CASE(bytes_that_a_proxy_puts_before_the_handshake_are_not_believed, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.before = "\r\n\r\n";
    how.answer = "HTTP/1.1 200 OK\r\n\r\n+OK";
    const tls_listener proxy(how);
    const std::string url = "http://127.0.0.1:" + std::to_string(proxy.at.port());
    const std::string got = co_await ask("tls://bank.example:443", trusting().proxy(url));
    // They may come together with the answer, or after it.
    BOOST_TEST(
        (got == "the peer has sent something before the TLS handshake" ||
         got == "the peer does not speak TLS"),
        got
    );
}

AIO_FIXTURE_TEST_CASE(a_silent_server_is_given_up_in_time_and_leaves_no_descriptor, fixture) {
    co_await begin();
    issue("server.pem", bank_names, ca);
    auto how = serving();
    how.before = "never";
    const tls_listener server(how);
    const std::string where = url("bank.example", server);
    {
        const tls_listener good(serving());
        BOOST_TEST(co_await ask(url("bank.example", good), trusting()) == "hello");
    }
    BOOST_TEST(co_await ask(where, trusting().timeout(200ms)) == "the TLS handshake took too long");
    BOOST_TEST(number == ETIMEDOUT);
    const std::size_t before = descriptors();
    std::string got;
    async::task_group group(*home);
    const auto note = [](fixture& in, std::string url, std::string& into) -> task<void> {
        into = co_await in.ask(url, in.trusting());
    };
    group.spawn("dial", note(*this, where, got));
    while (descriptors() == before)
        co_await async::sleep(1ms);
    group.cancel();
    co_await group.join();
    BOOST_TEST(got == "aborted");
    BOOST_TEST(descriptors() <= before + 1); // the server's end may be open yet
}

BOOST_AUTO_TEST_SUITE_END()
