#include "secured.hpp"

#include <aio/net/error.hpp>
#include <aio/net/tls_handshake.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>

#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;
using namespace std::chrono_literals;

namespace {

struct client : support::secured {
    /// A client that trusts ca.pem; the other end goes to `far`.
    stream begin() {
        const support::certificate authority("an authority", nullptr),
            named("x", &authority, ::EVP_EC_gen("P-256"), "DNS:bank.example");
        authority.write(folder / "named_ca.pem", folder / "named_ca.key");
        named.write(folder / "named.pem", folder / "named.key");
        tls_client_rules trusting;
        trusting.ca = folder / "named_ca.pem";
        auto [ours, theirs] = support::tcp_pair();
        other = std::move(theirs);
        return accept_on(
            std::move(ours),
            std::make_unique<tls_session>(tls_context::client(trusting), "bank.example")
        );
    }

    /// The server's side, which talks when it reads or writes.
    stream serve() {
        tls_options options;
        options.certificate = folder / "named.pem";
        options.key = folder / "named.key";
        ::fcntl(other.get(), F_SETFL, O_NONBLOCK);
        stream_core* const kept = core;
        stream made = accept_on(std::move(other), session(options));
        core = kept;
        return made;
    }

    aio::net::socket other;
    std::string result;
};

task<void> shake(stream_core& core, aio::base::duration limit, std::string& result) {
    try {
        co_await core.shake_hands(limit);
        result = "done";
    } catch (const std::system_error& e) {
        result = e.code().message();
    } catch (const boost::system::system_error& e) {
        result = e.code() == boost::asio::error::operation_aborted ? "aborted" : "?";
    }
}

task<void> shake_and_hear(stream_core& core, std::string& result) {
    co_await shake(core, 1min, result);
    result += " " + co_await core.read_until("\n", 100);
}

task<void> say(stream server, std::string text) {
    co_await server.write(text);
    co_await server.read();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_handshake_, client)

BOOST_AUTO_TEST_CASE(a_client_has_shaken_hands_before_it_reads_or_writes) {
    const stream asking = begin();
    group.spawn("client", shake_and_hear(*core, result));
    settle();
    BOOST_TEST(result == "");
    group.spawn("server", say(serve(), "hello\n"));
    until([this] { return result == "done hello\n"; });
    BOOST_TEST(asking.tls_version() == "TLSv1.3");
}

BOOST_AUTO_TEST_CASE(a_task_that_shakes_hands_says_so) {
    const stream asking = begin();
    group.spawn("client", shake(*core, 1min, result));
    settle();
    const auto all = loop.snapshot();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all.front().awaits == "TLS handshake");
}

BOOST_AUTO_TEST_CASE(a_peer_that_leaves_or_talks_nonsense_is_an_error_of_the_handshake) {
    for (const char* text : {"", "220 mail.example ESMTP ready to serve you\r\n"}) {
        result.clear();
        const stream asking = begin();
        group.spawn("client", shake(*core, 1min, result));
        settle();
        support::peer far(std::move(other));
        (void)far.receive(); // what is unread turns the close into a reset
        far.send(text);
        far.close();
        finish();
        BOOST_TEST(result == (*text ? "wrong version number" : "the TLS connection was cut off"));
    }
}

BOOST_AUTO_TEST_CASE(a_cancelled_handshake_ends_at_once) {
    const stream asking = begin();
    group.spawn("client", shake(*core, 1min, result));
    settle();
    group.cancel();
    finish();
    BOOST_TEST(result == "aborted");
}

BOOST_AUTO_TEST_CASE(a_peer_that_keeps_silent_is_given_up_at_the_limit) {
    const stream asking = begin();
    group.spawn("client", shake(*core, 50ms, result));
    finish();
    BOOST_TEST(result == "the TLS handshake took too long");
}

BOOST_AUTO_TEST_SUITE_END()
