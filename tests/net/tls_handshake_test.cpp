#include "secured.hpp"

#include <aio/net/error.hpp>
#include <aio/net/tls_handshake.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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

/// A client whose server says nothing, while other handshakes of the loop compute.
struct among_others : support::loop_under_test {
    struct other final : handshake_turns::place {
        void step() override {
            for (const auto end = std::chrono::steady_clock::now() + 10ms;
                 std::chrono::steady_clock::now() < end;) {
            }
        }
    };

    struct last final : handshake_turns::place {
        explicit last(std::function<void()> call) : function(std::move(call)) {}

        void step() override { function(); }

        std::function<void()> function;
    };

    struct under_test final : tls_handshake {
        under_test(connection& over, const limits& allowed) : tls_handshake(over, allowed) {}

        void shaken(const std::error_code& why) override { result = why; }

        std::error_code result;
    };

    among_others() {
        auto [ours, theirs] = support::tcp_pair();
        other_end = std::move(theirs);
        core = new stream_core(poller::of(loop), ours.release(), {});
        core->secure(std::make_unique<tls_session>(tls_context::client({}), "bank.example"));
        kept = stream(core);
        core->start();
    }

    aio::net::socket other_end;
    stream_core* core = nullptr;
    stream kept;
    std::vector<std::unique_ptr<other>> others;
};

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

BOOST_FIXTURE_TEST_CASE(a_peer_is_not_silent_while_its_handshake_waits_for_its_turn, among_others) {
    under_test waiting(*core, {.whole = 1min, .silence = 300ms});
    std::optional<std::error_code> at_its_turn;
    last behind([&] { at_its_turn = waiting.result; });
    loop.post([&] {
        auto& turns = handshake_turns::of(poller::of(loop));
        for (int i = 0; i < 40; ++i) {
            others.push_back(std::make_unique<other>());
            if (turns.take(*others.back()))
                others.back()->step();
        }
        waiting.go_on();
        BOOST_TEST(!turns.take(behind));
    });
    until([&] { return at_its_turn && waiting.result; });
    BOOST_TEST(!*at_its_turn, at_its_turn->message());
    BOOST_TEST((waiting.result == errc::idle));
}

BOOST_AUTO_TEST_SUITE_END()
