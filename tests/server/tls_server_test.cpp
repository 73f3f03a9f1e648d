// TLS of whole servers, against a client that is not ours.

#include "timed.hpp"

#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_tickets.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using aio::net::alpn_wire;

namespace {

aio::task<void> says_protocol(aio::net::stream s) {
    const auto data = co_await s.read();
    co_await s.write(std::string(s.alpn()) + "|");
}

struct secured : support::timed {
    using client_options = support::tls_peer::options;

    secured() : ca("test authority", nullptr) {
        module.protocol("echo", support::echo);
        module.protocol("says_protocol", says_protocol);
        ca.write(folder / "ca.pem", folder / "ca.key");
        issue("first", "DNS:first.example");
    }

    /// FILE.pem and FILE.key; the subject is the file's name.
    void
    issue(const std::string& file, const char* names, ::EVP_PKEY* key = ::EVP_EC_gen("P-256")) {
        const support::certificate made(file.c_str(), &ca, key, names);
        made.write(folder / (file + ".pem"), folder / (file + ".key"));
    }

    /// The same, with an end so far away by the clock of the test.
    void issue_until(const std::string& file, std::chrono::seconds end) {
        support::certificate made(file.c_str(), &ca, ::EVP_EC_gen("P-256"), "DNS:first.example");
        made.ends(std::chrono::system_clock::to_time_t(
            std::chrono::time_point_cast<std::chrono::seconds>(time.wall()) + end
        ));
        made.sign(&ca);
        made.write(folder / (file + ".pem"), folder / (file + ".key"));
    }

    std::string list(const std::vector<std::string>& files, const std::string& ending) const {
        std::string all;
        for (const std::string& each : files)
            all += "\n  " + (folder / (each + ending));
        return all + "\n";
    }

    std::string with(const std::vector<std::string>& files) const {
        return "tls_certificate =" + list(files, ".pem") + "tls_key =" + list(files, ".key");
    }

    void secure(const std::string& more = "", const std::vector<std::string>& files = {"first"}) {
        serve("echo", with(files) + more);
    }

    struct seen {
        std::string shown, cipher, alpn, alert, answer;
        bool resumed = false;
        std::shared_ptr<::SSL_SESSION> session;
    };

    /// One connection that sends "hello".
    seen visit(const client_options& how = {}) {
        seen made;
        against([&] {
            support::tls_peer client(connect(), how);
            ::ERR_clear_error();
            const bool shaken = client.connect();
            if (shaken) {
                client.send("hello");
                made.answer = client.receive();
                made.shown = client.shown();
                made.cipher = client.cipher();
                made.alpn = client.alpn();
                made.resumed = client.resumed();
                made.session = client.session();
            }
            made.alert = support::tls_peer::alert();
            client.end();
        });
        return made;
    }

    seen ask(const std::string& name) {
        client_options how;
        how.name = name;
        return visit(how);
    }

    seen back(const seen& earlier, client_options how = {}) {
        how.session = earlier.session;
        return visit(how);
    }

    client_options as(const std::string& file, int version = 0) const {
        client_options how;
        how.certificate = folder / (file + ".pem");
        how.key = folder / (file + ".key");
        how.version = version;
        return how;
    }

    double count(const std::string& name) const {
        for (const auto& each : server->statistics())
            if (each.name == name)
                return each.value;
        return 0;
    }

    aio::testing::temporary_folder folder;
    support::certificate ca;
};

constexpr int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_server, secured)

BOOST_AUTO_TEST_CASE(a_client_is_shown_the_certificate_with_its_name) {
    issue("exact", "DNS:www.bank.example");
    issue("wild", "DNS:*.bank.example");
    secure("", {"first", "wild", "exact"});
    BOOST_TEST(ask("www.bank.example").shown == "exact");
    BOOST_TEST(ask("WWW.Bank.example.").shown == "exact");
    BOOST_TEST(ask("mail.bank.example").shown == "wild");
    BOOST_TEST(ask("a.b.bank.example").shown == "first");
    BOOST_TEST(ask("").shown == "first");
    BOOST_TEST(ask("www.bank.example").answer == "hello");
}

BOOST_AUTO_TEST_CASE(both_kinds_of_keys_serve_one_name) {
    issue("ec", "DNS:bank.example");
    issue("rsa", "DNS:bank.example", ::EVP_RSA_gen(2048));
    secure("", {"first", "ec", "rsa"});
    client_options how;
    how.name = "bank.example";
    how.version = TLS1_2_VERSION;
    how.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
    BOOST_TEST(visit(how).shown == "rsa");
    how.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    BOOST_TEST(visit(how).shown == "ec");
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_refused_when_names_are_strict) {
    secure("tls_sni = strict\n");
    BOOST_TEST(ask("first.example").answer == "hello");
    BOOST_TEST(ask("other.example").alert == "unrecognized name");
    BOOST_TEST(ask("").alert == "unrecognized name");
    BOOST_TEST(count("handshakes_failed") == 2);
}

BOOST_AUTO_TEST_CASE(a_key_of_another_kind_does_not_pass_for_that_of_an_earlier_certificate) {
    issue("rsa", "DNS:rsa.example", ::EVP_RSA_gen(2048));
    plan(
        "protocol = test.echo\nport = 0\ntls_certificate =" + list({"first", "rsa"}, ".pem") +
        "tls_key =" + list({"first", "first"}, ".key")
    );
    BOOST_REQUIRE(server);
    BOOST_CHECK_EXCEPTION(server->prepare(), std::runtime_error, [&](const auto& e) {
        return std::string(e.what()).ends_with(
            "does not belong to the certificate " + (folder / "rsa.pem")
        );
    });
    stopped = true;
}

BOOST_AUTO_TEST_CASE(the_client_decides_between_the_ciphers_of_the_policy) {
    secure();
    for (const char* cipher : {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
        client_options how;
        how.version = TLS1_2_VERSION;
        how.ciphers = std::string(cipher) + ":ECDHE-ECDSA-AES128-GCM-SHA256";
        BOOST_TEST(visit(how).cipher == cipher);
    }
    client_options old;
    old.version = TLS1_2_VERSION;
    old.ciphers = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384";
    BOOST_TEST(visit(old).alert == "handshake failure");
}

BOOST_AUTO_TEST_CASE(policy_and_ciphers_are_options) {
    client_options older;
    older.version = TLS1_2_VERSION;
    secure("tls_policy = modern\n");
    BOOST_TEST(visit(older).alert == "protocol version");
    BOOST_TEST(visit().answer == "hello");
    secure("tls_ciphers = ECDHE-ECDSA-AES128-SHA\n");
    BOOST_TEST(visit(older).cipher == "ECDHE-ECDSA-AES128-SHA");
    secure("tls_ciphers = TLS_CHACHA20_POLY1305_SHA256\n");
    BOOST_TEST(visit().cipher == "TLS_CHACHA20_POLY1305_SHA256");
}

BOOST_AUTO_TEST_CASE(the_order_of_the_server_decides_on_the_application_protocol) {
    serve("says_protocol", with({"first"}) + "tls_alpn =\n  h2\n  http/1.1\n");
    const auto offer = [&](const std::vector<std::string>& names, int version) {
        client_options how;
        how.version = version;
        how.alpn = alpn_wire(names);
        return visit(how);
    };
    for (const int version : versions) {
        BOOST_TEST(offer({"http/1.1", "h2"}, version).answer == "h2|");
        BOOST_TEST(offer({"x", "http/1.1"}, version).answer == "http/1.1|");
        BOOST_TEST(offer({"smtp"}, version).alert == "no application protocol");
        BOOST_TEST(offer({}, version).answer == "|");
    }
}

BOOST_AUTO_TEST_CASE(a_protocol_has_to_be_offered_when_it_is_required) {
    serve("says_protocol", with({"first"}) + "tls_alpn = h2\ntls_alpn_required = yes\n");
    for (const int version : versions) {
        client_options how;
        how.version = version;
        BOOST_TEST(visit(how).alert == "no application protocol");
        how.alpn = alpn_wire({"h2"});
        BOOST_TEST(visit(how).answer == "h2|");
    }
}

BOOST_AUTO_TEST_CASE(sessions_are_resumed_and_counted) {
    for (const int version : versions) {
        secure();
        client_options how;
        how.version = version;
        const seen first = visit(how);
        BOOST_TEST(!first.resumed);
        BOOST_TEST(back(first, how).resumed);
        BOOST_TEST(count("handshakes") == 2);
        BOOST_TEST(count("resumed") == 1);
    }
    secure("tls_tickets = no\n");
    for (const int version : versions) {
        client_options how;
        how.version = version;
        BOOST_TEST(!back(visit(how), how).resumed);
    }
}

BOOST_AUTO_TEST_CASE(a_session_survives_turned_keys_as_long_as_its_key_is_kept) {
    secure("tls_tickets = 1h\ntls_watch = no\n");
    for (const int version : versions) {
        client_options how;
        how.version = version;
        const seen first = visit(how);
        const auto turn = [&] {
            pass(1h);
            visit(how);
        };
        turn();
        const seen second = back(first, how);
        BOOST_TEST(second.resumed);
        BOOST_TEST(back(second, how).resumed); // by the ticket that it was given anew
        turn();
        turn();
        turn();
        BOOST_TEST(!back(first, how).resumed);
        BOOST_TEST(back(first, how).answer == "hello"); // and nothing is lost
    }
}

BOOST_AUTO_TEST_CASE(keys_of_a_file_are_those_of_several_servers) {
    folder.write("keys", std::string(80, 'k'));
    ::chmod((folder / "keys").c_str(), 0600);
    const std::string keys = "tls_ticket_keys = " + (folder / "keys") + "\n";
    secure(keys);
    const seen first = visit();
    secure(keys + "tls_tickets = 2h\n");
    BOOST_TEST(back(first).resumed);
    folder.write("keys", std::string(80, 'n') + std::string(80, 'k'));
    pass(1min);
    until([&] { return logged_with("uses the new files of TLS") == 1; });
    BOOST_TEST(back(first).resumed);
    folder.write("keys", std::string(80, 'n'));
    pass(1min);
    until([&] { return logged_with("uses the new files of TLS") == 2; });
    BOOST_TEST(!back(first).resumed);
}

BOOST_AUTO_TEST_CASE(what_is_no_tls_after_the_handshake_is_only_worth_a_debug_line) {
    secure();
    against([&] {
        support::tls_peer client(connect(), {});
        BOOST_TEST(client.connect());
        client.send("hello");
        BOOST_TEST(client.receive() == "hello");
        client.over().send("no record at all");
        client.over().receive();
    });
    until([&] { return logged_with("DEBUG(aio): Server(test) connection from") == 1; });
    BOOST_TEST(logged_with("wrong version number") == 1u);
    BOOST_TEST(logged_with("ERROR") == 0u);
}

// What a resumed session had to show is not shown again, so it counts only where it was shown.
BOOST_AUTO_TEST_CASE(a_session_is_resumed_only_where_the_same_is_asked_of_clients) {
    issue("bob", nullptr);
    issue("other", "DNS:other.example");
    const std::string asks = "tls_ca = " + (folder / "ca.pem") + "\n";
    for (const int version : versions) {
        client_options nobody;
        nobody.version = version;
        secure();
        const seen without = visit(nobody);
        secure(asks + "tls_client = request\n");
        BOOST_TEST(!back(without, nobody).resumed);
        const seen unnamed = visit(nobody);
        secure(asks + "tls_client = require\n");
        BOOST_TEST(back(unnamed, nobody).answer != "hello");
        BOOST_TEST(back(without, nobody).answer != "hello");
        const seen bob = visit(as("bob", version));
        BOOST_TEST(bob.answer == "hello");
        BOOST_TEST(back(bob, as("bob", version)).resumed);
        secure(asks + "tls_client = require\ntls_client_names = alice\n");
        BOOST_TEST(back(bob, as("bob", version)).answer != "hello");
        secure("", {"other"}); // nor where the server has another name
        BOOST_TEST(!back(without, nobody).resumed);
    }
}

BOOST_AUTO_TEST_CASE(only_clients_with_a_permitted_name_may_come) {
    issue("bob", nullptr);
    issue("carol", nullptr);
    issue("alice", "DNS:Alice.Bank.example,email:alice@bank.example");
    issue("mallory", "DNS:mallory.example"); // its subject does not count
    secure(
        "tls_client = require\ntls_ca = " + (folder / "ca.pem") +
        "\ntls_client_names =\n  bob\n  alice.bank.example\n  mallory\n"
    );
    for (const int version : versions) {
        BOOST_TEST(visit(as("bob", version)).answer == "hello");
        BOOST_TEST(visit(as("alice", version)).answer == "hello");
        BOOST_TEST(visit(as("carol", version)).answer != "hello");
        BOOST_TEST(visit(as("mallory", version)).answer != "hello");
    }
}

// In TLS 1.3 the client has shaken hands by then, and sends its first data.
BOOST_AUTO_TEST_CASE(a_refused_client_that_sends_on_still_reads_why) {
    secure("tls_client = require\ntls_ca = " + (folder / "ca.pem") + "\n");
    for (int i = 0; i < 100; ++i) { // more than have a farewell at a time
        std::string alert;
        against([&] {
            client_options how;
            how.version = TLS1_3_VERSION;
            support::tls_peer client(connect(), how);
            ::ERR_clear_error();
            BOOST_TEST(client.connect());
            BOOST_TEST(client.send("hello"));
            char byte = 0;
            ::recv(client.over().fd(), &byte, 1, MSG_PEEK); // the alert is there
            BOOST_TEST(client.send("and more"));
            BOOST_TEST(client.receive() == "(error)");
            alert = support::tls_peer::alert();
        });
        BOOST_TEST(alert == "certificate required");
    }
    BOOST_TEST(server->unfinished().empty());
}

BOOST_AUTO_TEST_CASE(changed_files_serve_new_connections_and_old_ones_go_on) {
    secure();
    against([&] {
        support::tls_peer client(connect(), {});
        BOOST_TEST(client.connect());
        client.send("before");
        BOOST_TEST(client.receive() == "before");
    });
    issue("first", "DNS:renewed.example");
    issue("next", "DNS:next.example");
    namespace fs = std::filesystem;
    fs::rename(folder / "next.pem", folder / "first.pem"); // the key is still another one
    pass(1min);
    until([&] { return logged_with("goes on with the files of TLS that it has read before") == 1; }
    );
    BOOST_TEST(visit().shown == "first");
    pass(1min);
    fs::rename(folder / "next.key", folder / "first.key");
    pass(1min);
    until([&] { return logged_with("uses the new files of TLS from now on") == 1; });
    BOOST_TEST(visit().shown == "next");
    BOOST_TEST(logged_with("goes on with the files of TLS") == 1u); // once for the change
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_swapped_by_a_link_is_a_change) {
    namespace fs = std::filesystem;
    fs::create_directory(folder / "1");
    fs::create_directory(folder / "2");
    const auto put = [&](const char* name, const char* into) {
        const support::certificate made(name, &ca, ::EVP_EC_gen("P-256"), "DNS:a.example");
        const std::string place = into;
        made.write(folder / (place + "/tls.pem"), folder / (place + "/tls.key"));
    };
    put("one", "1");
    put("two", "2");
    fs::create_directory_symlink("1", folder / "now");
    serve(
        "echo",
        "tls_certificate = " + (folder / "now/tls.pem") +
            "\ntls_key = " + (folder / "now/tls.key") + "\n"
    );
    BOOST_TEST(visit().shown == "one");
    fs::create_directory_symlink("2", folder / "later");
    fs::rename(folder / "later", folder / "now");
    pass(1min);
    until([&] { return logged_with("uses the new files of TLS from now on") == 1; });
    BOOST_TEST(visit().shown == "two");
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_does_not_take_the_place_of_a_good_one) {
    secure();
    issue_until("first", -1h);
    pass(1min);
    until([&] { return logged_with("first.pem has expired, on ") == 1; });
    BOOST_TEST(visit().shown == "first");
}

BOOST_AUTO_TEST_CASE(a_certificate_about_to_expire_is_a_warning_a_day) {
    issue_until("first", 3 * 24h + 1h);
    secure();
    const std::string line =
        "WARNING(aio): Server(test): the certificate " + (folder / "first.pem") + " expires in ";
    BOOST_TEST(logged_with(line + "3 days, on ") == 1u);
    pass(1min);
    pass(24h);
    until([&] { return logged_with(line + "2 days, on ") == 1; });
    BOOST_TEST(logged_with(line) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tls_handshakes_at_once)

namespace {

/// Connections that begin a handshake and say no more: it goes on until it is late.
struct silent : secured {
    std::vector<support::peer> held;

    void hold(std::size_t count, const std::string& said = {"\x16\x03\x01\x00\x01\x01", 6}) {
        for (std::size_t i = 0; i < count; ++i) {
            held.push_back(connect());
            if (!said.empty())
                held.back().send(said);
        }
        until([&] { return open() >= held.size(); });
        settle();
    }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(further_handshakes_wait_for_a_place_and_have_their_time, silent) {
    secure("handshakes = 2\n");
    hold(2);
    support::peer third = connect();
    until([&] { return open() == 3; });
    held.pop_back(); // one has left, and its place is free
    bool answered = false;
    against([&] {
        support::tls_peer client(std::move(third), {});
        BOOST_TEST(client.connect());
        client.send("hello");
        answered = client.receive() == "hello";
    });
    BOOST_TEST(answered);
    hold(3); // of which one waits
    pass(9900ms);
    settle();
    BOOST_TEST(open() >= 3u);
    pass(200ms);
    until([&] { return open() == 0; });
    BOOST_TEST(visit().answer == "hello");
}

BOOST_FIXTURE_TEST_CASE(who_has_not_said_hello_takes_no_place, silent) {
    secure("handshakes = 1\n");
    hold(3, "");
    hold(3, {"\x16\x03\x01\x00\x02\x01", 6}); // one byte is missing
    BOOST_TEST(visit().answer == "hello");
    held.front().send("GET / HTTP/1.0\r\n\r\n"); // no TLS fails at once
    until([&] { return open() == 5; });
    held[3].end();
    until([&] { return open() == 4; });
    BOOST_TEST(visit().answer == "hello");
}

BOOST_FIXTURE_TEST_CASE(who_waits_for_a_place_is_not_silent, silent) {
    secure("handshakes = 1\nidle_timeout = 2s\n");
    hold(2);
    for (const char* byte : {"\x16", "\x03", "\x01"}) {
        pass(1900ms);
        BOOST_TEST(open() == 2u);
        held.front().send(byte);
        held.front().arrived();
        settle();
    }
    pass(1900ms);
    BOOST_TEST(open() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_stop_does_not_wait_for_those_that_wait, silent) {
    secure("handshakes = 1\n");
    hold(3);
    begin_stop();
    pass(1ms);
    until([&] { return open() == 0; });
}

BOOST_FIXTURE_TEST_CASE(places_are_shared_by_all_loops, silent) {
    add_loops(1);
    secure("handshakes = 1\nloops = all\n");
    for (int i = 0; i < 6; ++i)
        held.push_back(connect());
    for (int i = 0; i < 4; ++i) {
        held.pop_back();
        held.erase(held.begin());
        held.push_back(connect());
    }
    held.clear();
    for (int i = 0; i < 8; ++i)
        BOOST_TEST(visit().answer == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
