// Connections over a wire of the test's own.

#include "fixture.hpp"
#include "scripted_wire.hpp"

#include <aio/net/error.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;
using support::no_limit;
using support::script;
using support::scripted_wire;

namespace {

/// Its close waits as long as it has to.
struct patient_core final : stream_core {
    using stream_core::stream_core;
    using stream_core::waits_for;

    void lingers() noexcept override {}
};

struct over_wire : support::loop_under_test {
    void tell(std::uint32_t events) {
        boost::asio::post(loop.executor(), [this, events] {
            if (all.to)
                all.to->tell(events);
        });
        settle();
    }

    void receive(const std::string& text) {
        all.input += text;
        tell(EPOLLIN);
    }

    template <typename F>
    std::error_code error_of(F operation) {
        std::error_code why;
        auto run = [](stream& s, std::error_code& into, F what) -> task<void> {
            try {
                co_await what(s);
            } catch (const std::system_error& e) {
                into = e.code();
            }
        };
        group.spawn("operation", run(near, why, std::move(operation)));
        finish();
        return why;
    }

    script all;
    stream near = adopt(loop, std::make_unique<scripted_wire>(all));
};

task<void> collect(stream& s, std::string& into, bool& ended) {
    while (const auto data = co_await s.read())
        into += data.text();
    ended = true;
}

task<void> write(stream& s, std::string text, bool& done) {
    co_await s.write(text);
    done = true;
}

task<chunk> read(stream& s) {
    co_return co_await s.read();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(wire_, over_wire)

BOOST_AUTO_TEST_CASE(it_is_watched_once_and_has_the_addresses_of_the_wire) {
    BOOST_TEST(all.watches == 1);
    BOOST_TEST(near.peer().text() == "10.0.0.1:1000");
    BOOST_TEST(near.socket_peer().text() == "10.0.0.1:1000");
    BOOST_TEST(near.local().text() == "10.0.0.2:80");
}

BOOST_AUTO_TEST_CASE(reads_wait_for_what_the_wire_tells) {
    std::string got;
    bool ended = false;
    group.spawn("read", collect(near, got, ended));
    settle();
    BOOST_TEST(got == "");
    receive("hello");
    BOOST_TEST(got == "hello");
    receive(" again");
    BOOST_TEST(got == "hello again");
    BOOST_TEST(!ended);
    all.ended = true;
    tell(EPOLLIN | EPOLLRDHUP);
    finish();
    BOOST_TEST(ended);
    BOOST_TEST((near.end_reason() == end_reason::peer));
}

BOOST_AUTO_TEST_CASE(a_wire_that_gives_less_than_it_has_is_read_until_it_says_later) {
    all.most = 3;
    std::string got;
    bool ended = false;
    group.spawn("read", collect(near, got, ended));
    receive("one event for all of this");
    BOOST_TEST(got == "one event for all of this");
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
}

BOOST_AUTO_TEST_CASE(a_wire_that_always_has_data_does_not_stop_its_loop) {
    all.most = 1;
    all.input = std::string(10'000, 'x');
    std::string got;
    bool ended = false;
    group.spawn("read", collect(near, got, ended));
    all.to->tell(EPOLLIN);
    BOOST_TEST(got.size() < 10'000u);
    until([&] { return got.size() == 10'000; });
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
}

BOOST_AUTO_TEST_CASE(writes_go_on_when_the_wire_tells_of_room) {
    all.room = 4;
    bool done = false;
    group.spawn("write", write(near, "0123456789", done));
    settle();
    BOOST_TEST(all.sent == "0123");
    all.room = 3;
    tell(EPOLLOUT);
    BOOST_TEST(all.sent == "0123456");
    BOOST_TEST(!done);
    all.room = no_limit;
    tell(EPOLLOUT);
    finish();
    BOOST_TEST(done);
    BOOST_TEST(all.sent == "0123456789");
}

BOOST_AUTO_TEST_CASE(pieces_and_files_are_written) {
    const aio::testing::temporary_folder folder;
    const std::string text(40'000, 'f');
    const aio::base::descriptor file(
        ::open(folder.write("file", text + "12").c_str(), O_RDONLY | O_CLOEXEC)
    );
    const std::string large(20'000, 'l');
    const auto why = error_of([&](stream& s) -> task<void> {
        co_await s.write({"head ", "", "body ", large, " tail"});
        co_await s.send_file(file.get(), 1, text.size());
        co_await s.shutdown();
    });
    BOOST_TEST(!why, why.message());
    BOOST_TEST((all.sent == "head body " + large + " tail" + text.substr(1) + "1"));
    BOOST_TEST(all.half_closes == 1);
    BOOST_TEST(!all.closed.has_value());
}

BOOST_AUTO_TEST_CASE(an_error_of_the_wire_is_thrown_once_and_then_the_connection_is_broken) {
    all.error = ECONNRESET;
    tell(EPOLLIN | EPOLLERR | EPOLLHUP);
    const auto reads = [](stream& s) -> task<void> { co_await read(s); };
    BOOST_TEST((error_of(reads) == std::errc::connection_reset));
    all.error = 0;
    all.ended = true;
    BOOST_TEST((error_of(reads) == std::errc::connection_aborted));
    BOOST_TEST((near.end_reason() == end_reason::failed));
}

BOOST_AUTO_TEST_CASE(a_waiting_read_and_write_learn_of_a_reset) {
    all.room = 0;
    std::error_code reading, writing;
    auto fails = [](task<void> what, std::error_code& into) -> task<void> {
        try {
            co_await std::move(what);
        } catch (const std::system_error& e) {
            into = e.code();
        }
    };
    bool done = false, ended = false;
    std::string got;
    group.spawn("read", fails(collect(near, got, ended), reading));
    group.spawn("write", fails(write(near, "lost", done), writing));
    settle();
    all.error = ECONNRESET;
    tell(EPOLLHUP | EPOLLERR);
    finish();
    BOOST_TEST((reading == std::errc::connection_reset), reading.message());
    BOOST_TEST((writing == std::errc::connection_reset), writing.message());
}

BOOST_AUTO_TEST_CASE(a_cancelled_read_loses_nothing) {
    std::string got;
    bool ended = false;
    group.spawn("read", collect(near, got, ended));
    settle();
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    receive("kept");
    BOOST_TEST(got == "");
    BOOST_TEST(all.input == "kept");
    all.ended = true;
    group.spawn("read", collect(near, got, ended));
    tell(EPOLLRDHUP);
    finish();
    BOOST_TEST(got == "kept");
}

BOOST_AUTO_TEST_CASE(the_handle_ends_the_wire_and_a_cut_write_resets_it) {
    for (const bool cut : {false, true}) {
        script own;
        stream s = adopt(loop, std::make_unique<scripted_wire>(own));
        own.room = cut ? 3 : no_limit;
        bool done = false;
        group.spawn("write", write(s, "whole", done));
        settle();
        BOOST_TEST(done == !cut);
        group.cancel(boost::asio::cancellation_type::terminal);
        finish();
        BOOST_TEST(!own.closed.has_value());
        s = stream();
        BOOST_REQUIRE(own.closed.has_value());
        BOOST_TEST((*own.closed == (cut ? wire::closing::reset : wire::closing::end)));
        BOOST_TEST(own.to == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(close_and_abort_wake_who_waits_and_later_calls_fail) {
    for (const bool abort : {false, true}) {
        script own;
        near = adopt(loop, std::make_unique<scripted_wire>(own));
        std::error_code waiting;
        auto waits = [](stream& s, std::error_code& into) -> task<void> {
            try {
                co_await s.read();
            } catch (const std::system_error& e) {
                into = e.code();
            }
        };
        group.spawn("read", waits(near, waiting));
        settle();
        if (abort)
            near.abort();
        else
            near.close();
        finish();
        BOOST_TEST((waiting == std::errc::operation_canceled), waiting.message());
        BOOST_TEST((own.closed == (abort ? wire::closing::reset : wire::closing::end)));
        const auto again = error_of([](stream& s) -> task<void> { co_await s.write("x"); });
        BOOST_TEST((again == std::errc::bad_file_descriptor), again.message());
    }
}

BOOST_AUTO_TEST_CASE(a_close_waits_until_all_is_confirmed) {
    script own;
    auto* core = new patient_core(poller::of(loop), -1, *address::parse("10.0.0.1", 1));
    core->plug(std::make_unique<scripted_wire>(own));
    core->start();
    own.unconfirmed = 5;
    core->hold();
    core->leave();
    BOOST_TEST((core->waits_for() == close_wait::delivery));
    BOOST_TEST(own.half_closes == 1);
    BOOST_TEST(!own.closed.has_value());
    own.unconfirmed = 0;
    own.to->tell(EPOLLOUT);
    BOOST_TEST((own.closed == wire::closing::end));
    core->let_go();
}

BOOST_AUTO_TEST_CASE(a_close_with_unread_data_waits_for_the_end_of_the_peer) {
    script own;
    auto* core = new patient_core(poller::of(loop), -1, *address::parse("10.0.0.1", 1));
    core->plug(std::make_unique<scripted_wire>(own));
    core->start();
    own.input = "nobody reads this";
    core->hold();
    core->leave();
    BOOST_TEST((core->waits_for() == close_wait::peer_end));
    BOOST_TEST(own.input == "");
    own.ended = true;
    own.to->tell(EPOLLRDHUP);
    BOOST_TEST((own.closed == wire::closing::end));
    core->let_go();
}

BOOST_AUTO_TEST_CASE(what_is_peeked_stays) {
    script own;
    auto* core = new stream_core(poller::of(loop), -1, *address::parse("10.0.0.1", 1));
    stream s(core);
    core->plug(std::make_unique<scripted_wire>(own));
    core->start();
    std::byte room[4];
    BOOST_TEST(core->peek_raw(room).later);
    own.input = "abcdef";
    BOOST_TEST(core->peek_raw(room).size == 4u);
    BOOST_TEST(own.input == "abcdef");
    BOOST_TEST(core->receive_raw(room).size == 4u);
    BOOST_TEST(own.input == "ef");
}

BOOST_AUTO_TEST_SUITE_END()
