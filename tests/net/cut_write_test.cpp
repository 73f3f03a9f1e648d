// A write that is cut off in the middle: the peer must not take a part of it for the whole.

#include "certificates.hpp"
#include "fixture.hpp"

#include <aio/net/tls_context.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;

namespace {

constexpr std::size_t more_than_fits = 16u << 20;

struct cut_write : support::connected {
    /// Starts a handler that owns the stream, and lets it come to its wait.
    void serve(task<void> handler, const std::function<bool()>& waits) {
        group.spawn("handler", std::move(handler));
        until(waits);
    }

    void cancel() {
        group.cancel(boost::asio::cancellation_type::terminal);
        finish();
    }

    /// What the peer reads up to the end, and whether that was a reset.
    std::pair<std::string, bool> received() {
        std::string all;
        try {
            for (std::string more = far->receive(); !more.empty(); more = far->receive())
                all += more;
            return {all, false};
        } catch (const std::system_error& e) {
            BOOST_TEST((e.code() == std::errc::connection_reset), e.what());
            return {all, true};
        }
    }
};

task<void> answer(stream s, std::string whole, std::string part, bool& waits) {
    co_await s.write(whole);
    waits = true;
    if (!part.empty())
        co_await s.write(part);
    co_await s.read();
}

task<void> answer_and(stream s, bool& waits, task<void> (*then)(stream&)) {
    waits = true;
    try {
        co_await s.write(std::string(more_than_fits, 'x'));
    } catch (const boost::system::system_error&) {
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await then(s);
}

task<void> say_the_end(stream& s) {
    co_await s.shutdown();
}

task<void> write_on(stream& s) {
    co_await s.write(" (the rest is missing)");
}

task<void> just_leave(stream&) {
    co_return;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(cut_write_, cut_write)

BOOST_AUTO_TEST_CASE(a_handler_cancelled_in_the_middle_of_a_write_resets_the_connection) {
    bool waits = false;
    serve(answer(std::move(near), "head ", std::string(more_than_fits, 'x'), waits), [&] {
        return waits;
    });
    cancel();
    const auto [text, was_reset] = received();
    BOOST_TEST(was_reset);
    BOOST_TEST(text.size() < more_than_fits);
}

BOOST_AUTO_TEST_CASE(a_handler_cancelled_after_a_whole_write_ends_in_good_order) {
    bool waits = false;
    serve(answer(std::move(near), "whole", "", waits), [&] { return waits; });
    cancel();
    BOOST_TEST((received() == std::pair<std::string, bool>("whole", false)));
}

BOOST_AUTO_TEST_CASE(a_handler_that_goes_on_after_the_cut_says_its_end_itself) {
    struct row {
        task<void> (*then)(stream&);
        bool reset;
    };

    for (const row& each : {row{say_the_end, false}, row{write_on, false}, row{just_leave, true}}) {
        auto [ours, theirs] = support::tcp_pair();
        far.emplace(std::move(theirs));
        bool waits = false;
        serve(answer_and(adopt(loop, std::move(ours)), waits, each.then), [&] { return waits; });
        group.cancel(boost::asio::cancellation_type::terminal);
        std::pair<std::string, bool> got;
        against([&] { got = received(); });
        finish();
        BOOST_TEST(got.second == each.reset);
        BOOST_TEST(got.first.ends_with("missing)") == (each.then == write_on));
    }
}

BOOST_AUTO_TEST_CASE(a_close_that_cuts_a_write_off_resets_the_connection) {
    auto part = [](stream& s, bool& ended) -> task<void> {
        try {
            co_await s.write(std::string(more_than_fits, 'x'));
        } catch (const std::system_error& e) {
            ended = e.code() == std::errc::operation_canceled;
        }
    };
    bool ended = false;
    group.spawn("write", part(near, ended));
    settle();
    near.close();
    finish();
    BOOST_TEST(ended);
    BOOST_TEST(received().second);
}

BOOST_AUTO_TEST_CASE(a_close_without_a_write_is_an_end) {
    auto whole = [](stream& s) -> task<void> { co_await s.write("whole"); };
    group.spawn("write", whole(near));
    finish();
    near.close();
    BOOST_TEST((received() == std::pair<std::string, bool>("whole", false)));
}

BOOST_AUTO_TEST_CASE(over_tls_no_close_notify_follows_a_write_that_was_cut_off) {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL answers to a cut with an alert
    const aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    tls_options with;
    with.certificate = folder / "server.pem";
    with.key = folder / "server.key";
    for (const bool cut : {true, false}) {
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        BOOST_REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        auto* core = new stream_core(poller::of(loop), ends[0], {});
        core->secure(std::make_unique<tls_session>(tls_context::server(with)));
        stream ours(core);
        core->start();
        bool waits = false;
        auto handler = [](stream s, bool& at_last, std::size_t size) -> task<void> {
            std::byte hello[2];
            co_await s.read_exactly(hello);
            at_last = true;
            co_await s.write(std::string(size, 'x'));
            co_await s.read();
        };
        group.spawn("handler", handler(std::move(ours), waits, cut ? more_than_fits : 10));
        support::tls_peer client(support::peer(aio::net::socket(ends[1])), {});
        against([&] {
            BOOST_REQUIRE(client.connect());
            client.send("hi");
        });
        until([&] { return waits; });
        settle();
        cancel();
        std::string last;
        against([&] {
            do
                last = client.receive();
            while (!last.empty() && last[0] == 'x');
        });
        BOOST_TEST((last == "(end)") == !cut, last);
    }
}

BOOST_AUTO_TEST_SUITE_END()
