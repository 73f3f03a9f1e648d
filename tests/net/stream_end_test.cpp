#include "fixture.hpp"

#include <aio/async/timeout.hpp>
#include <aio/net/error.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;

namespace {

struct ending : support::loop_under_test {
    ending() {
        auto [ours, theirs] = support::tcp_pair();
        far.emplace(std::move(theirs));
        core = new stream_core(poller::of(loop), ours.release(), {});
        near = stream(core);
        core->start();
    }

    /// The error of a task; nothing when it had none.
    std::optional<std::error_code> error_of(task<void> what) {
        group.spawn("task", std::move(what));
        try {
            finish();
        } catch (const std::system_error& e) {
            return e.code();
        }
        return std::nullopt;
    }

    void run(task<void> what) { BOOST_TEST(!error_of(std::move(what))); }

    stream_core* core = nullptr;
    stream near;
    std::optional<support::peer> far;
};

task<void> line(stream& s, std::optional<std::string>& into) {
    into = co_await s.read_line();
}

task<void> until_semicolon(stream& s, std::string& into) {
    into = co_await s.read_until(";");
}

task<void> to_end(stream& s, std::string& into, std::size_t limit) {
    into = co_await s.read_to_end(limit);
}

task<void> ten(stream& s) {
    std::byte into[10];
    co_await s.read_exactly(into);
}

task<void> rest(stream& s, std::string& into) {
    while (auto data = co_await s.read())
        into += data.text();
}

const std::pair<end_reason, errc> own_ends[] = {
    {end_reason::stopping, errc::stopping}, {end_reason::idle, errc::idle}
};

} // namespace

BOOST_AUTO_TEST_SUITE(stream_end)

BOOST_AUTO_TEST_CASE(what_the_server_ends_is_never_handed_out_as_a_whole) {
    for (const auto& [reason, code] : own_ends) {
        ending all;
        BOOST_TEST((all.near.end_reason() == end_reason::none));
        all.far->send("2 + 2");
        all.far->arrived();
        all.core->end_input(reason);
        std::optional<std::string> got;
        all.run(line(all.near, got));
        BOOST_TEST(!got);
        BOOST_TEST((all.near.end_reason() == reason));
        std::string more = "none";
        all.run(until_semicolon(all.near, more));
        BOOST_TEST(more.empty());
        BOOST_TEST((all.error_of(to_end(all.near, more, 100)) == make_error_code(code)));
        std::string left;
        all.run(rest(all.near, left));
        BOOST_TEST(left == "2 + 2");
        BOOST_TEST((all.error_of(ten(all.near)) == make_error_code(code)));
    }
}

BOOST_AUTO_TEST_CASE(a_read_that_waits_ends_by_the_reason) {
    for (const auto& [reason, code] : own_ends) {
        ending all;
        std::optional<std::string> got = "waits";
        all.group.spawn("line", line(all.near, got));
        all.far->send("half a li");
        all.settle();
        all.core->end_input(reason);
        all.finish();
        BOOST_TEST(!got);
        BOOST_TEST((all.near.end_reason() == reason));
    }
}

BOOST_AUTO_TEST_CASE(silence_replaces_a_stop_and_not_the_other_way) {
    for (const auto [first, second] :
         {std::pair(end_reason::stopping, end_reason::idle),
          std::pair(end_reason::idle, end_reason::stopping)}) {
        ending all;
        all.core->end_input(first);
        all.core->end_input(second);
        std::optional<std::string> got;
        all.run(line(all.near, got));
        BOOST_TEST(!got);
        BOOST_TEST((all.near.end_reason() == end_reason::idle));
    }
}

BOOST_AUTO_TEST_CASE(a_whole_that_came_before_the_stop_is_handed_out) {
    ending all;
    all.far->send("one\n2 + 2");
    all.far->end();
    all.far->arrived();
    all.core->end_input(end_reason::stopping);
    std::optional<std::string> got;
    all.run(line(all.near, got));
    BOOST_TEST(got.value_or("(end)") == "one");
    all.run(line(all.near, got));
    BOOST_TEST(got.value_or("(end)") == "2 + 2");
    BOOST_TEST((all.near.end_reason() == end_reason::peer));
}

BOOST_AUTO_TEST_CASE(everything_up_to_the_end_of_the_peer) {
    ending all;
    all.far->send("a\nb");
    all.far->end();
    all.far->arrived();
    std::string got;
    all.run(to_end(all.near, got, 100));
    BOOST_TEST(got == "a\nb");
    BOOST_TEST((all.near.end_reason() == end_reason::peer));
    all.run(to_end(all.near, got, 100));
    BOOST_TEST(got.empty());
}

BOOST_AUTO_TEST_CASE(more_than_the_limit_is_an_error) {
    ending all;
    all.far->send("12345678901");
    all.far->end();
    all.far->arrived();
    std::string got;
    BOOST_TEST((all.error_of(to_end(all.near, got, 10)) == make_error_code(errc::too_long)));
    all.run(to_end(all.near, got, 11));
    BOOST_TEST(got == "12345678901");
}

BOOST_AUTO_TEST_CASE(a_reset_is_no_end_of_the_peer) {
    ending all;
    all.far->send("half");
    all.far->arrived();
    std::optional<std::string> got;
    all.group.spawn("line", line(all.near, got));
    all.settle();
    all.far->reset();
    all.until([&] { return all.group.empty(); });
    BOOST_CHECK_THROW(all.finish(), std::system_error);
    BOOST_TEST(!got);
    BOOST_TEST((all.near.end_reason() == end_reason::failed));
}

BOOST_AUTO_TEST_CASE(every_read_after_a_reset_fails) {
    ending all;
    all.far->send("2 + 2");
    all.far->arrived();
    all.far->reset();
    std::optional<std::string> got;
    BOOST_TEST((all.error_of(line(all.near, got)) == std::errc::connection_reset));
    std::string rest;
    BOOST_TEST((all.error_of(line(all.near, got)) == std::errc::connection_aborted));
    BOOST_TEST((all.error_of(to_end(all.near, rest, 100)) == std::errc::connection_aborted));
    BOOST_TEST(!got);
    BOOST_TEST(rest.empty());
    BOOST_TEST((all.near.end_reason() == end_reason::failed));
}

namespace {

/// Lingers as long as a test lets it, like the connection of a server.
struct patient_core final : stream_core {
    using stream_core::stop_lingering;
    using stream_core::stream_core;

    void lingers() noexcept override {}
};

/// A connection that has no room to send.
struct lingering : support::loop_under_test {
    lingering() {
        auto [ours, theirs] = support::tcp_pair();
        far.emplace(std::move(theirs));
        core = new patient_core(poller::of(loop), ours.release(), peer_of_ours());
        near = stream(core);
        core->start();
        const std::string block(65536, 'x');
        until([&] { return ::send(core->fd(), block.data(), block.size(), MSG_NOSIGNAL) < 0; });
    }

    address peer_of_ours() const { return local_address(far->fd()); }

    std::optional<support::peer> far;
    patient_core* core = nullptr;
    stream near;
};

task<void> note_error(task<void> operation, int& number) {
    try {
        co_await std::move(operation);
        number = 0;
    } catch (const std::system_error& e) {
        number = e.code().value();
    }
}

task<void> read_once(stream& s) {
    co_await s.read();
}

task<void> read_into(stream& s) {
    std::byte into[10];
    co_await s.read_some(into);
}

task<void> write_once(stream& s) {
    co_await s.write("x");
}

} // namespace

// The close waits for the peer, which does not read: whoever waits for data or room does not.
BOOST_AUTO_TEST_CASE(operations_of_another_coroutine_end_when_a_close_begins_to_linger) {
    for (const auto operation : {read_once, read_into, ten, write_once}) {
        lingering all;
        int number = -1;
        all.group.spawn("elsewhere", note_error(operation(all.near), number));
        all.settle();
        BOOST_TEST(number == -1);
        all.core->end();
        BOOST_TEST(all.core->open());
        all.finish();
        BOOST_TEST(number == ECANCELED);
        all.group.spawn("later", note_error(operation(all.near), number));
        all.finish();
        BOOST_TEST(number == EBADF);
        all.group.spawn("shutdown", note_error(all.near.shutdown(), number));
        all.finish();
        BOOST_TEST(number == 0);
        all.core->stop_lingering();
        BOOST_TEST(!all.core->open());
    }
}

BOOST_AUTO_TEST_CASE(a_cut_off_read_exactly_loses_nothing) {
    ending all;
    const auto timed = [](stream& s, bool& late) -> task<void> {
        try {
            co_await aio::async::with_timeout(std::chrono::milliseconds(1), ten(s));
        } catch (const aio::async::timeout_error&) {
            late = true;
        }
    };
    for (const std::string part : {"1234", "", "56"}) {
        all.far->send(part);
        all.far->arrived();
        bool late = false;
        all.run(timed(all.near, late));
        BOOST_TEST(late);
    }
    all.far->send("7890and the rest");
    all.far->end();
    std::string got(10, ' ');
    const auto whole = [](stream& s, std::string& into) -> task<void> {
        co_await s.read_exactly(std::as_writable_bytes(std::span(into)));
    };
    all.run(whole(all.near, got));
    BOOST_TEST(got == "1234567890");
    all.run(whole(all.near, got));
    BOOST_TEST(got == "and the re");
    BOOST_TEST((all.error_of(ten(all.near)) == make_error_code(errc::unexpected_end)));
    std::string left;
    all.run(rest(all.near, left));
    BOOST_TEST(left == "st");
}

BOOST_AUTO_TEST_CASE(what_a_stopped_read_exactly_had_received_stays) {
    for (const auto& [reason, code] : own_ends) {
        ending all;
        all.group.spawn("ten", ten(all.near));
        all.far->send("2 + 2");
        all.settle();
        all.core->end_input(reason);
        all.until([&] { return all.group.empty(); });
        BOOST_CHECK_THROW(all.finish(), std::system_error);
        std::string left;
        all.run(rest(all.near, left));
        BOOST_TEST(left == "2 + 2");
    }
}

// The frames go without being resumed.
BOOST_AUTO_TEST_CASE(a_read_exactly_that_ends_with_its_loop_is_survived) {
    ending all;
    all.group.spawn("ten", ten(all.near));
    all.far->send("2 + 2");
    all.settle();
}

BOOST_AUTO_TEST_SUITE_END()
