#include "fixture.hpp"

#include <aio/async/event.hpp>
#include <aio/async/suspend.hpp>
#include <aio/net/connector.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;

namespace {

struct noted final : connector::outcome {
    void connected(std::size_t) override { error = 0; }

    void failed(std::size_t, int number) override { error = number; }

    std::optional<int> error;
};

/// Connections to a socket that listens, made without the race of connect().
struct dialled : support::loop_under_test {
    void listen(const address& where) {
        server = open_socket(where.raw()->sa_family, SOCK_STREAM);
        BOOST_REQUIRE(::bind(server.get(), where.raw(), where.size()) == 0);
        BOOST_REQUIRE(::listen(server.get(), 16) == 0);
        at = local_address(server.get());
    }

    /// Until the attempt is told to be connected; the far end is there then.
    void begin(const address& target) {
        result.error.reset();
        made = system.begin(loop, target, {}, result, 0);
        until([this] { return result.error.has_value(); });
        BOOST_REQUIRE(*result.error == 0);
        far.emplace(aio::net::socket(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    }

    void begin() { begin(at); }

    stream take() {
        stream taken = made->take();
        made.reset();
        return taken;
    }

    std::string read(stream& from, std::size_t count) {
        std::string got(count, '\0');
        const auto fill = [](stream& source, std::span<char> into) -> task<void> {
            co_await source.read_exactly(std::as_writable_bytes(into));
        };
        group.spawn("read", fill(from, got));
        finish();
        return got;
    }

    system_connector system;
    aio::net::socket server;
    address at;
    noted result;
    std::unique_ptr<connector::attempt> made;
    std::optional<support::peer> far;
};

struct on_loopback : dialled {
    on_loopback() { listen(*address::parse("127.0.0.1", 0)); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(connector_)

BOOST_FIXTURE_TEST_CASE(the_watch_of_an_attempt_becomes_that_of_its_stream, on_loopback) {
    begin();
    BOOST_TEST(poller::of(loop).watched() == 1u);
    stream near = take();
    BOOST_TEST(poller::of(loop).watched() == 1u);
    far->send("later");
    BOOST_TEST(read(near, 5) == "later");
    near.close();
    BOOST_TEST(poller::of(loop).watched() == 0u);
    BOOST_TEST(far->receive() == "");
}

BOOST_FIXTURE_TEST_CASE(an_attempt_that_nobody_takes_is_closed_with_its_watch, on_loopback) {
    begin();
    made.reset();
    BOOST_TEST(poller::of(loop).watched() == 0u);
    BOOST_TEST(far->receive() == "");
}

// Its event is over when the stream takes over the watch.
BOOST_FIXTURE_TEST_CASE(what_came_before_the_stream_is_read, on_loopback) {
    begin();
    far->send("early");
    far->end();
    far->arrived();
    settle();
    stream near = take();
    BOOST_TEST(read(near, 5) == "early");
    BOOST_CHECK_THROW(read(near, 1), std::system_error);
    BOOST_TEST((core_of(near).ended_by() == end_reason::peer));
}

BOOST_FIXTURE_TEST_CASE(a_reset_before_the_stream_is_told_to_it, on_loopback) {
    begin();
    far->reset();
    settle();
    stream near = take();
    aio::async::event over;
    core_of(near).tell_end(&over);
    until([&] { return over.is_set(); });
    BOOST_TEST(core_of(near).pending_error().value() == ECONNRESET);
    core_of(near).tell_end(nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_write_that_waits_for_room_goes_on, on_loopback) {
    begin();
    stream near = take();
    const std::string much(8'000'000, 'x');
    const auto write = [](stream& into, std::string_view text) -> task<void> {
        co_await into.write(text);
    };
    group.spawn("write", write(near, much));
    settle();
    BOOST_TEST(!group.empty());
    against([&] { BOOST_TEST(far->receive_exactly(much.size()).size() == much.size()); });
    finish();
}

BOOST_FIXTURE_TEST_CASE(the_peer_has_the_address_that_was_connected_to, on_loopback) {
    begin();
    const stream near = take();
    BOOST_TEST(near.peer().text() == at.text());
    BOOST_TEST(near.socket_peer().text() == at.text());
}

BOOST_FIXTURE_TEST_CASE(the_peer_of_an_unspecified_address_is_this_machine, dialled) {
    for (const auto& [unspecified, loopback] :
         {std::pair("0.0.0.0", "127.0.0.1"), std::pair("::", "::1")}) {
        if (!support::present(loopback)) {
            BOOST_TEST_MESSAGE("without IPv6: skipped in part");
            continue;
        }
        listen(*address::parse(loopback, 0));
        begin(*address::parse(unspecified, at.port()));
        const stream near = take();
        BOOST_TEST(near.peer().text() == at.text());
    }
}

BOOST_FIXTURE_TEST_CASE(a_unix_socket_needs_no_watch_to_connect, dialled) {
    const aio::testing::temporary_folder folder;
    listen(*address::unix_socket(folder / "s"));
    begin();
    BOOST_TEST(poller::of(loop).watched() == 0u);
    stream near = take();
    BOOST_TEST(poller::of(loop).watched() == 1u);
    far->send("hello");
    BOOST_TEST(read(near, 5) == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
