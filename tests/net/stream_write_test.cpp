// Writes of several pieces, by coroutines and by callbacks.

#include "called_back.hpp"
#include "scripted_send.hpp"
#include "secured.hpp"

#include <aio/net/bytes.hpp>
#include <aio/net/error.hpp>
#include <aio/net/stream_core.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using aio::task;
using namespace aio::net;

namespace {

constexpr std::size_t more_than_fits = 16u << 20;

/// Text that has no two equal parts at usual distances.
std::string pattern(std::size_t size) {
    std::string made(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        made[i] = static_cast<char>('a' + (i * 7 + i / 1009) % 26);
    return made;
}

/// The text in pieces of `size` bytes, with an empty one after each.
std::vector<bytes> cut(std::string_view text, std::size_t size) {
    std::vector<bytes> all;
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        all.emplace_back(text.substr(0, size));
        all.emplace_back();
    }
    return all;
}

task<void> write(stream& s, std::vector<bytes> pieces, bool& done) {
    co_await s.write(std::span<const bytes>(pieces));
    done = true;
}

task<void> write_cut(stream& s, std::vector<bytes> pieces, std::error_code& why) {
    try {
        co_await s.write(std::span<const bytes>(pieces));
    } catch (const std::system_error& e) {
        why = e.code();
    }
}

/// Is cancelled in the middle, and then says something else.
task<void> write_other(stream& s, std::vector<bytes> pieces, bool& begun) {
    begun = true;
    try {
        co_await s.write(std::span<const bytes>(pieces));
    } catch (const boost::system::system_error&) { // cancelled
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await s.write({"<", "other", ">"});
    co_await s.shutdown();
}

task<void> write_over_tls(stream& s, std::vector<bytes> pieces, bool other, bool& begun) {
    std::byte hello[2];
    co_await s.read_exactly(hello);
    if (other) {
        co_await write_other(s, std::move(pieces), begun);
    } else {
        co_await s.write(std::span<const bytes>(pieces));
        co_await s.shutdown();
    }
}

struct writes : support::connected {
    int fd() const { return core_of(near).fd(); }

    void run(std::vector<bytes> pieces) {
        bool done = false;
        group.spawn("write", write(near, std::move(pieces), done));
        finish();
        BOOST_TEST(done);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_write, writes)

BOOST_AUTO_TEST_CASE(pieces_of_all_kinds_arrive_in_order) {
    auto all = [](stream& s) -> task<void> {
        const chunk nothing;
        const std::string text = "text ";
        const std::byte last[] = {std::byte(0x21)};
        const std::span<const std::byte> one(last);
        co_await s.write({"head ", "", text, nothing, std::string("temporary"), one});
        co_await s.write({});
        co_await s.write({"", bytes()});
        co_await s.write({"", "end"});
        co_await s.shutdown();
    };
    group.spawn("write", all(near));
    finish();
    BOOST_TEST(far->receive_all() == "head text temporary!end");
}

BOOST_AUTO_TEST_CASE(small_pieces_are_one_send) {
    test::short_sends sends(fd(), more_than_fits);
    run({"head ", "", "body ", "tail"});
    BOOST_TEST(sends.count == 1);
    BOOST_TEST(far->receive_exactly(14) == "head body tail");
}

BOOST_AUTO_TEST_CASE(a_send_that_takes_a_part_goes_on_behind_it) {
    const std::string text = pattern(100);
    for (std::size_t most = 1; most <= 101; ++most) {
        test::short_sends sends(fd(), most);
        run(cut(text, 7));
        BOOST_TEST(sends.count == static_cast<int>((100 + most - 1) / most));
        BOOST_REQUIRE(far->receive_exactly(text.size()) == text);
    }
}

BOOST_AUTO_TEST_CASE(more_pieces_than_one_call_takes_arrive) {
    const std::string text = pattern(5000);
    test::short_sends sends(fd(), more_than_fits);
    run(cut(text, 1));
    BOOST_TEST(sends.count > 1);
    BOOST_TEST((far->receive_exactly(text.size()) == text));
}

BOOST_AUTO_TEST_CASE(pieces_larger_than_the_socket_wait_and_arrive_whole) {
    const std::string text = pattern(more_than_fits);
    for (const std::size_t size : {std::size_t(1000), std::size_t(16383), std::size_t(5u << 20)}) {
        bool done = false;
        group.spawn("write", write(near, cut(text, size), done));
        settle();
        BOOST_TEST(!done);
        std::string got;
        against([&] { got = far->receive_exactly(text.size()); });
        finish();
        BOOST_TEST(done);
        BOOST_TEST((got == text));
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_has_gone_is_a_broken_pipe) {
    far->reset();
    std::error_code why;
    until([&] {
        group.spawn("write", write_cut(near, cut("head body", 5), why));
        finish();
        return static_cast<bool>(why);
    });
    if (why == std::errc::connection_reset) { // told once
        group.spawn("write", write_cut(near, cut("head body", 5), why));
        finish();
    }
    BOOST_TEST((why == std::errc::broken_pipe), why.message());
}

BOOST_AUTO_TEST_CASE(an_error_in_the_middle_ends_the_write) {
    int sends = 0;
    const test::scripted_send script([&](int from) {
        return from == fd() && ++sends == 3 ? ENOBUFS : 0;
    });
    const test::short_sends part(fd(), 4);
    std::error_code why;
    group.spawn("write", write_cut(near, cut("0123456789abcdef", 3), why));
    finish();
    BOOST_TEST((why == std::errc::no_buffer_space), why.message());
    BOOST_TEST(far->receive_exactly(8) == "01234567");
}

BOOST_AUTO_TEST_CASE(after_a_close_only_an_empty_write_is_good) {
    near.close();
    run({"", bytes()});
    std::error_code why;
    group.spawn("write", write_cut(near, {"", "x"}, why));
    finish();
    BOOST_TEST((why == std::errc::bad_file_descriptor), why.message());
}

BOOST_AUTO_TEST_CASE(a_write_while_one_waits_is_a_mistake) {
    const std::string text = pattern(more_than_fits);
    bool done = false, refused = false;
    auto second = [](stream& s, bool& said) -> task<void> {
        try {
            co_await s.write({"head", "body"});
        } catch (const std::logic_error&) {
            said = true;
        }
    };
    group.spawn("first", write(near, cut(text, 1000), done));
    group.spawn("second", second(near, refused));
    BOOST_TEST(refused);
    std::string got;
    against([&] { got = far->receive_exactly(text.size()); });
    finish();
    BOOST_TEST((got == text));
}

BOOST_AUTO_TEST_CASE(cancelled_between_pieces_the_connection_is_reset) {
    const std::string text = pattern(more_than_fits);
    bool done = false;
    group.spawn("write", write(near, cut(text, 1000), done));
    settle();
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    BOOST_TEST(!done);
    near = stream();
    BOOST_CHECK_THROW(far->receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(cancelled_between_pieces_what_was_sent_is_their_beginning) {
    const std::string text = pattern(more_than_fits);
    bool begun = false;
    group.spawn("write", write_other(near, cut(text, 1000), begun));
    settle();
    group.cancel(boost::asio::cancellation_type::terminal);
    std::string got;
    against([&] { got = far->receive_all(); });
    finish();
    BOOST_REQUIRE(got.ends_with("<other>"));
    got.resize(got.size() - 7);
    BOOST_TEST(got.size() > 0u);
    BOOST_TEST(got.size() < text.size());
    BOOST_TEST(text.starts_with(got));
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct secured_writes : support::secured {
    /// What the peer of a TLS stream gets that writes these pieces, up to its end. It reads only
    /// when the writer waits; then the writer is cancelled, if it is to say something else.
    std::string receive(const std::vector<bytes>& pieces, bool other) {
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        BOOST_REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        stream ours = accept_on(aio::net::socket(ends[0]), session());
        support::tls_peer client(support::peer(aio::net::socket(ends[1])), {});
        bool begun = false;
        group.spawn("write", write_over_tls(ours, pieces, other, begun));
        against([&] {
            BOOST_REQUIRE(client.connect());
            client.send("hi");
        });
        if (other) {
            until([&] { return begun; });
            settle();
            BOOST_REQUIRE(core->in_record());
            group.cancel(boost::asio::cancellation_type::terminal);
        }
        std::string got;
        against([&] { got = client.receive_exactly(more_than_fits * 2); });
        finish();
        return got;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_write_over_tls, secured_writes)

BOOST_AUTO_TEST_CASE(pieces_arrive_in_order) {
    const std::string text = pattern(more_than_fits / 4);
    for (const std::size_t size : {std::size_t(1000), std::size_t(16383), std::size_t(1u << 20)})
        BOOST_TEST((receive(cut(text, size), false) == text + "(end)"));
    const std::string large = pattern(20'000);
    const std::vector<bytes> mixed{"", "head ", "", large, "", "tail", ""};
    BOOST_TEST((receive(mixed, false) == "head " + large + "tail(end)"));
}

BOOST_AUTO_TEST_CASE(cancelled_between_pieces_the_record_that_was_begun_is_sent_first) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::string text = pattern(more_than_fits);
    for (const std::size_t size : {std::size_t(1000), std::size_t(16383), std::size_t(5u << 20)}) {
        std::string got = receive(cut(text, size), true);
        BOOST_REQUIRE(got.ends_with("<other>(end)"));
        got.resize(got.size() - 12);
        BOOST_TEST(got.size() > 0u);
        BOOST_TEST(got.size() < text.size());
        BOOST_TEST(text.starts_with(got));
    }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct transport_writes : support::called_back {
    void write(const std::vector<bytes>& pieces) { all.to->write(std::span<const bytes>(pieces)); }

    std::string receive_all() {
        std::string got;
        against([&] { got = far->receive_all(); });
        return got;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(transport_write, transport_writes)

BOOST_AUTO_TEST_CASE(pieces_arrive_in_order_in_one_send) {
    test::short_sends sends(made->fd(), more_than_fits);
    all.to->write({"head ", "", std::string("body "), bytes(), "tail"});
    BOOST_TEST(sends.count == 1);
    all.to->write({});
    all.to->write({"", ""});
    BOOST_TEST(sends.count == 1);
    all.to->close();
    BOOST_TEST(receive_all() == "head body tail");
    until([&] { return all.over; });
    BOOST_TEST(!all.why, all.why.message());
}

BOOST_AUTO_TEST_CASE(a_send_that_takes_a_part_goes_on_behind_it) {
    const std::string text = pattern(100);
    for (std::size_t most = 1; most <= 101; ++most) {
        test::short_sends sends(made->fd(), most);
        write(cut(text, 7));
        BOOST_TEST(all.to->buffered() == 0u);
        BOOST_REQUIRE(far->receive_exactly(text.size()) == text);
    }
}

BOOST_AUTO_TEST_CASE(what_the_socket_does_not_take_is_kept_in_order) {
    const std::string text = pattern(more_than_fits);
    all.to->max_buffered(2 * more_than_fits);
    write(cut(text, 5000));
    BOOST_REQUIRE(all.to->buffered() > 0u);
    const std::size_t before = all.to->buffered();
    all.to->write({"<", "", "kept", ">"}); // nothing overtakes
    BOOST_TEST(all.to->buffered() == before + 6);
    all.to->close();
    all.to->write({"too", "late"});
    BOOST_TEST((receive_all() == text + "<kept>"));
}

BOOST_AUTO_TEST_CASE(pieces_are_kept_up_to_the_bound_and_count_together) {
    constexpr std::size_t bound = 1u << 20;
    all.to->max_buffered(bound);
    const std::string half(bound / 2, 'x');
    while (all.to->buffered() == 0)
        all.to->write(half.substr(0, 4096));
    const std::string rest(bound - all.to->buffered(), 'x');
    const std::string_view view = rest;
    write({view.substr(0, 1000), view.substr(1000)});
    BOOST_TEST(all.to->buffered() == bound);
    all.to->write({"", "y", "z"});
    until([&] { return all.over; });
    BOOST_TEST((all.why == errc::too_slow), all.why.message());
    BOOST_TEST(all.refused == bound + 1);
    BOOST_CHECK_THROW(far->receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(an_error_in_the_middle_ends_the_connection) {
    int sends = 0;
    const int fd = made->fd();
    const test::scripted_send script([&](int from) {
        return from == fd && ++sends == 3 ? ENOBUFS : 0;
    });
    const test::short_sends part(fd, 4);
    all.to->write({"012", "345", "678", "9ab"});
    all.to->write({"more", "and more"});
    until([&] { return all.over; });
    BOOST_TEST((all.why == std::errc::no_buffer_space), all.why.message());
    BOOST_TEST(sends == 3);
}

BOOST_AUTO_TEST_CASE(one_that_may_not_send_now_sends_all_of_it_later) {
    bool once = true;
    const int fd = made->fd();
    const test::scripted_send script([&](int from) {
        return from == fd && std::exchange(once, false) ? EAGAIN : 0;
    });
    all.to->write({"head ", "", "body ", "tail"});
    BOOST_TEST(all.to->buffered() == 14u);
    until([&] { return all.to->buffered() == 0; });
    BOOST_TEST(far->receive_exactly(14) == "head body tail");
}

BOOST_AUTO_TEST_CASE(over_tls_pieces_arrive_in_order) {
    const aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    tls_options with;
    with.certificate = folder / "server.pem";
    with.key = folder / "server.key";
    const std::string text = pattern(more_than_fits / 4);
    for (const std::size_t size : {std::size_t(1000), std::size_t(1u << 20)}) {
        auto [ours, theirs] = support::tcp_pair();
        support::notes mine;
        auto* secure = new support::core(mine, poller::of(loop), std::move(ours));
        secure->secure(support::secured::session(with));
        secure->start();
        secure->begin(std::make_unique<support::noting>(mine));
        mine.on_data = [&](transport& t, std::string_view) {
            const auto pieces = cut(text, size);
            t.write(std::span<const bytes>(pieces));
            t.write({"<", "", "kept", ">"});
            t.close();
        };
        support::tls_peer client(support::peer(std::move(theirs)), {});
        std::string got;
        against([&] {
            BOOST_REQUIRE(client.connect());
            client.send("?");
            got = client.receive_exactly(more_than_fits);
        });
        until([&] { return mine.over; });
        BOOST_TEST((got == text + "<kept>(end)"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
