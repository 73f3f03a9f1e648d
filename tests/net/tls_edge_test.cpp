#include "secured.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/net/error.hpp>
#include <aio/net/transport_core.hpp>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

using aio::task;
using namespace aio::net;

namespace {

struct edge : support::secured {
    /// A socket pair: what one end closes the other knows at once.
    aio::net::socket pair() {
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        far = std::make_unique<support::peer>(aio::net::socket(ends[1]));
        BOOST_REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        return aio::net::socket(ends[0]);
    }

    stream accept() { return accept_on(pair(), session()); }

    std::unique_ptr<support::peer> far;
};

task<void> answer_for_ever(stream s) {
    while (co_await s.read()) {
    }
    for (int i = 0; i < 100; ++i)
        co_await s.write(std::string(1000, 'x'));
}

task<void> cut_short_then(stream& s, std::string big, std::string next, std::atomic<bool>& cut) {
    std::byte hello[2];
    co_await s.read_exactly(hello);
    try {
        co_await aio::async::with_timeout(std::chrono::milliseconds(50), s.write(big));
        throw std::logic_error("the peer does not read, and all is sent");
    } catch (const aio::async::timeout_error&) {
        cut = true;
    }
    if (!next.empty())
        co_await s.write(next);
    co_await s.shutdown();
}

/// Until the end, the cut or the error.
std::string receive_all(support::tls_peer& from) {
    std::string all;
    for (;;) {
        const std::string more = from.receive();
        if (more.empty() || more[0] == '(')
            return all + more;
        all += more;
    }
}

struct writes_at_end final : protocol {
    writes_at_end(std::error_code& why, bool& lost) : why_(why), lost_(lost) {}

    void connection_made(transport& by) override { to_ = &by; }

    void data_received(std::span<const std::byte>) override {}

    bool eof_received() override {
        for (int i = 0; i < 100; ++i)
            to_->write(std::string(1000, 'x'));
        return true;
    }

    void connection_lost(std::error_code why) override {
        why_ = why;
        lost_ = true;
    }

    transport* to_ = nullptr;
    std::error_code& why_;
    bool& lost_;
};

struct core_of_one final : transport_core {
    using transport_core::transport_core;

    void ready(std::uint32_t events) override {
        if (shaken)
            return transport_core::ready(events);
        note(events);
        if (!handshake().done())
            return;
        shaken = true;
        on().defer(*this);
        begin(std::move(made));
    }

    void over() noexcept override { delete this; }

    void crashed(std::exception_ptr) noexcept override {}

    bool shaken = false;
    std::unique_ptr<protocol> made;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_edge, edge)

BOOST_AUTO_TEST_CASE(an_end_on_a_send_is_a_broken_pipe) {
    group.spawn("answer", answer_for_ever(accept()));
    against([&] {
        support::tls_peer client(std::move(*far), {});
        BOOST_REQUIRE(client.connect());
        client.send("x");
        client.end();
        client.over().close();
    });
    until([&] { return group.empty(); });
    try {
        finish();
        BOOST_ERROR("it was sent to nobody");
    } catch (const std::system_error& e) {
        BOOST_TEST((e.code() == std::errc::broken_pipe), e.what());
    }
}

BOOST_AUTO_TEST_CASE(an_end_on_a_send_of_callbacks_is_a_broken_pipe) {
    std::error_code why;
    bool lost = false;
    auto* made = new core_of_one(poller::of(loop), pair().release(), {});
    made->secure(session());
    made->made = std::make_unique<writes_at_end>(why, lost);
    made->start();
    against([&] {
        support::tls_peer client(std::move(*far), {});
        BOOST_REQUIRE(client.connect());
        client.send("x");
        client.end();
        client.over().close();
    });
    until([&] { return lost; });
    BOOST_TEST((why == std::errc::broken_pipe), why.message());
    settle();
}

BOOST_AUTO_TEST_CASE(the_record_of_a_cancelled_write_precedes_the_next_write) {
    stream s;
    std::string big(8 << 20, '\0'), got;
    for (std::size_t i = 0; i < big.size(); ++i)
        big[i] = static_cast<char>('a' + i % 23);
    for (const std::string next : {"[next]", ""}) {
        s = accept();
        std::atomic<bool> cut{false};
        group.spawn("write", cut_short_then(s, big, next, cut));
        against([&] {
            support::tls_peer client(std::move(*far), {});
            BOOST_REQUIRE(client.connect());
            client.send("hi");
            for (int i = 0; i < 60'000 && !cut; ++i)
                ::usleep(1000);
            got = receive_all(client);
        });
        finish();
        const std::string tail = next + "(end)";
        BOOST_REQUIRE_MESSAGE(got.ends_with(tail), got.substr(got.size() - 20));
        got.resize(got.size() - tail.size());
        BOOST_TEST(!got.empty());
        BOOST_TEST(big.starts_with(got));
        s = stream();
    }
}

BOOST_AUTO_TEST_CASE(an_unfinished_line_of_a_connection_that_is_cut_off_is_not_handed_out) {
    stream s = accept();
    std::optional<std::string> got;
    int refused = 0;
    auto lines = [](stream& from, std::optional<std::string>& into, int& errors) -> task<void> {
        co_await from.write("(");
        for (int i = 0; i < 3; ++i)
            try {
                into = co_await from.read_line();
            } catch (const std::system_error& e) {
                errors += e.code() == errc::truncated;
            }
    };
    group.spawn("lines", lines(s, got, refused));
    against([&] {
        support::tls_peer client(std::move(*far), {});
        BOOST_REQUIRE(client.connect());
        client.send("2 + 2");
        BOOST_REQUIRE(client.receive() == "("); // with unread data its close were a reset
        client.over().close();
    });
    finish();
    BOOST_TEST(!got);
    BOOST_TEST(refused == 3);
    BOOST_TEST((s.end_reason() == end_reason::truncated));
}

namespace {

/// What other code on the loop does: it looks for a certificate where there is none any more.
void leave_an_error() {
    ::BIO* empty = ::BIO_new(::BIO_s_mem());
    BOOST_REQUIRE(::PEM_read_bio_X509(empty, nullptr, nullptr, nullptr) == nullptr);
    ::BIO_free(empty);
    BOOST_REQUIRE(::ERR_peek_error() != 0);
}

task<void> answer_big(stream s, std::string big) {
    std::byte question[2];
    co_await s.read_exactly(question);
    co_await s.write(big);
    co_await s.read_exactly(question);
    co_await s.shutdown();
}

} // namespace

BOOST_AUTO_TEST_CASE(an_error_that_other_code_left_with_openssl_does_not_cut_a_client_off) {
    const std::string big(4 << 20, 'x');
    group.spawn("answer", answer_big(accept(), big));
    std::string got;
    std::atomic<bool> done{false};
    std::thread client([&] {
        support::tls_peer peer(std::move(*far), {});
        if (peer.connect()) {
            peer.send("a");
            peer.send("b");
            got = peer.receive_exactly(big.size());
            peer.send("cd");
            got += peer.receive();
        }
        done = true;
    });
    until([&] {
        leave_an_error(); // before each turn: each read and write of it waits
        return done.load();
    });
    client.join();
    BOOST_TEST((got == big + "(end)"), got.substr(got.size() < 20 ? 0 : got.size() - 20));
    finish();
}

BOOST_AUTO_TEST_CASE(a_close_notify_that_has_no_room_yet_is_not_taken_for_sent) {
    stream s = accept();
    std::atomic<bool> heard{false};
    const auto hear = [](stream& from, std::atomic<bool>& done) -> task<void> {
        co_await from.read();
        done = true;
    };
    group.spawn("hear", hear(s, heard));
    std::unique_ptr<support::tls_peer> client;
    against([&] {
        client = std::make_unique<support::tls_peer>(std::move(*far), support::tls_peer::options());
        BOOST_REQUIRE(client->connect());
        client->send("x");
    });
    finish();
    BOOST_TEST(heard);
    const std::string junk(65536, 'x');
    until([&] { return ::send(core->fd(), junk.data(), junk.size(), MSG_NOSIGNAL) < 0; });
    until([&] { return ::send(core->fd(), junk.data(), 1, MSG_NOSIGNAL) < 0; });
    leave_an_error();
    BOOST_TEST(!core->half_close());
    // A shutdown that waits for the room ends with a close that waits for it, too.
    int number = -1;
    const auto shut = [](stream& of, int& into) -> task<void> {
        try {
            co_await of.shutdown();
            into = 0;
        } catch (const std::system_error& e) {
            into = e.code().value();
        }
    };
    group.spawn("shutdown", shut(s, number));
    settle();
    BOOST_TEST(number == -1);
    core->end();
    finish();
    BOOST_TEST(number == ECANCELED);
}

BOOST_AUTO_TEST_SUITE_END()
