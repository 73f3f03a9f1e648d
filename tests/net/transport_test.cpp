#include "called_back.hpp"
#include "scripted_wire.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/net/error.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

using namespace aio::net;
using support::notes;

BOOST_FIXTURE_TEST_SUITE(transport_, support::called_back)

BOOST_AUTO_TEST_CASE(data_arrives_and_answers_go_out) {
    all.on_data = [](transport& t, std::string_view text) { t.write(text); };
    far->send("hello");
    until_readable(*far);
    BOOST_TEST(far->receive() == "hello");
    far->end();
    until([&] { return all.over; });
    BOOST_TEST(all.ends == 1);
    BOOST_TEST(all.lost == 1);
    BOOST_TEST(!all.why);
    BOOST_TEST(far->receive() == "");
}

BOOST_AUTO_TEST_CASE(half_close_keeps_our_side_open_200_times) {
    for (int i = 0; i < 200; ++i) {
        notes mine;
        mine.stay_open = true;
        std::optional<support::peer> other;
        begin(mine, other);
        if (i % 2)
            settle();
        other->send("question");
        other->end();
        until([&] { return mine.ends == 1; });
        BOOST_REQUIRE(mine.got == "question");
        BOOST_REQUIRE(mine.lost == 0);
        mine.to->write("answer");
        mine.to->close();
        until([&] { return mine.over; });
        BOOST_REQUIRE(other->receive_all() == "answer");
    }
}

BOOST_AUTO_TEST_CASE(what_the_socket_does_not_take_is_kept_and_sent) {
    const std::string big(16u << 20, 'x');
    all.to->write(big);
    BOOST_TEST(all.to->buffered() > 0u);
    all.to->close();
    std::size_t count = 0;
    until([&] {
        while (far->readable(std::chrono::milliseconds(1))) {
            const std::size_t more = far->receive(1 << 20).size();
            if (more == 0)
                break;
            count += more;
        }
        return all.over;
    });
    count += far->receive_all().size();
    BOOST_TEST(count == big.size());
    BOOST_TEST(!all.why);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_stops_us_from_reading_it) {
    // Every byte is answered by sixteen; the peer sends a lot and reads nothing.
    all.on_data = [](transport& t, std::string_view text) {
        for (std::size_t i = 0; i < text.size(); i += 1024)
            t.write(std::string(16384, 'y'));
    };
    int blocked = 0;
    const std::string block(65536, 'x');
    std::size_t sent = 0;
    until([&] {
        const auto count =
            ::send(far->fd(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
            blocked = 0;
        } else {
            ++blocked;
        }
        loop.poll();
        return blocked > 100;
    });
    BOOST_TEST(all.to->buffered() > 64u * 1024);
    // One receive of a block at most came after the mark was passed, and was answered.
    BOOST_TEST(all.to->buffered() <= 64u * 1024 + 16 * buffer_pool::block_size);
    const std::size_t before = all.got.size();
    settle();
    BOOST_TEST(all.got.size() == before);
    std::size_t drained = 0;
    until([&] {
        while (far->readable(std::chrono::milliseconds(1)))
            drained += far->receive(1 << 20).size();
        return all.got.size() == sent;
    });
    BOOST_TEST(drained > 0u);
}

BOOST_AUTO_TEST_CASE(paused_reading_leaves_the_data_where_it_is) {
    all.to->pause_reading();
    far->send("wait");
    far->arrived();
    settle();
    BOOST_TEST(all.got == "");
    all.to->resume_reading();
    until([&] { return all.got == "wait"; });
}

BOOST_AUTO_TEST_CASE(a_reset_is_told_even_to_a_paused_one) {
    all.to->pause_reading();
    settle();
    far->reset();
    until([&] { return all.over; });
    BOOST_TEST((all.why == std::errc::connection_reset));
    BOOST_TEST(all.lost == 1);
}

// envoy#45267, mitmproxy#8364
BOOST_AUTO_TEST_CASE(what_was_received_before_a_reset_is_handed_over_before_the_error) {
    const aio::testing::temporary_folder folder;
    const aio::base::descriptor file(
        ::open(folder.write("file", std::string(12u << 20, 'x')).c_str(), O_RDONLY | O_CLOEXEC)
    );
    for (const std::size_t high_water : {std::size_t{16} << 20, std::size_t{64} << 10, {}}) {
        notes mine;
        std::optional<support::peer> other;
        begin(mine, other);
        if (high_water != 0) {
            mine.to->high_water(high_water);
            mine.to->write(std::string(12u << 20, 'x'));
            BOOST_TEST(mine.to->buffered() > 0u);
        } else {
            mine.to->send_file(file.get(), 0, 12u << 20);
        }
        other->send("413 too large");
        other->arrived();
        other->close(); // with data that it has not read: a reset
        until([&] { return mine.over; });
        BOOST_TEST(mine.got == "413 too large", high_water);
        BOOST_TEST(mine.lost == 1);
        BOOST_TEST(!!mine.why);
        BOOST_TEST(mine.ends == 0);
        BOOST_TEST((mine.reason != end_reason::peer));
    }
}

BOOST_AUTO_TEST_CASE(a_wire_that_gives_its_data_later_loses_none_before_a_reset) {
    support::script script;
    notes mine;
    auto* one = new support::core(mine, poller::of(loop), aio::net::socket());
    one->plug(std::make_unique<support::scripted_wire>(script));
    one->start();
    one->begin(std::make_unique<support::noting>(mine));
    script.input = "413 too large";
    script.error = ECONNRESET;
    script.delays = 2;
    mine.to->write("more");
    until([&] { return mine.over; });
    BOOST_TEST(mine.got == "413 too large");
    BOOST_TEST((mine.why == std::errc::connection_reset));
}

BOOST_AUTO_TEST_CASE(a_greeting_that_nobody_takes_ends_the_connection) {
    std::array<int, 2> pair{};
    BOOST_REQUIRE(
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) == 0
    );
    const aio::net::socket deaf(pair[1]);
    ::shutdown(deaf.get(), SHUT_RD); // there is no event of it
    notes mine;
    mine.on_made = [](transport& t) { t.write("hello"); };
    auto* one = new support::core(mine, poller::of(loop), aio::net::socket(pair[0]));
    one->begin(std::make_unique<support::noting>(mine));
    until([&] { return mine.over; });
    BOOST_TEST((mine.why == std::errc::broken_pipe));
}

BOOST_AUTO_TEST_CASE(a_reset_during_a_stop_is_told_as_a_reset) {
    all.on_data = [](transport& t, std::string_view) { t.write("answer"); };
    far->send("question");
    far->arrived();
    far->reset();
    made->end_input(end_reason::stopping);
    until([&] { return all.over; });
    BOOST_TEST(all.got == "question");
    BOOST_TEST((all.why == std::errc::connection_reset || all.why == std::errc::broken_pipe));
    BOOST_TEST(all.stops == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_sent_does_not_lose_the_requests_behind_it) {
    all.on_data = [](transport& t, std::string_view) { t.write("answer"); };
    const std::string requests(100'000, 'r'); // more than one block
    far->send(requests);
    far->arrived();
    far->reset();
    until([&] { return all.over; });
    BOOST_TEST(all.got.size() == requests.size());
    BOOST_TEST((all.reason != end_reason::peer));
    BOOST_TEST((all.why == std::errc::connection_reset || all.why == std::errc::broken_pipe));
}

BOOST_AUTO_TEST_CASE(abort_resets_the_peer) {
    all.to->write("never mind");
    all.to->abort();
    until([&] { return all.over; });
    BOOST_TEST(all.lost == 1);
    BOOST_CHECK_THROW((far->receive(), far->receive()), std::system_error);
}

BOOST_AUTO_TEST_CASE(an_exception_closes_this_connection_only) {
    notes mine;
    std::optional<support::peer> other;
    begin(mine, other);
    all.on_data = [](transport&, std::string_view) { throw std::runtime_error("no"); };
    far->send("x");
    until([&] { return all.over; });
    BOOST_TEST(all.crashes == 1);
    BOOST_TEST(all.lost == 1);
    BOOST_TEST(!mine.over);
    other->send("fine");
    until([&] { return mine.got == "fine"; });
    mine.to->close();
    until([&] { return mine.over; });
}

BOOST_AUTO_TEST_CASE(closing_inside_a_callback_is_the_last_data) {
    all.on_data = [](transport& t, std::string_view) {
        t.write("bye");
        t.close();
        t.write("too late");
    };
    far->send("1");
    until([&] { return all.over; });
    BOOST_TEST(far->receive_all() == "bye");
}

BOOST_AUTO_TEST_CASE(end_input_ends_an_idle_one_and_lets_data_through_first) {
    far->send("just arrived");
    far->arrived();
    made->end_input(end_reason::stopping);
    until([&] { return all.over; });
    BOOST_TEST(all.got == "just arrived");
    BOOST_TEST(all.ends == 0);
    BOOST_TEST(all.stops == 1);
    BOOST_TEST(all.lost == 1);
    BOOST_TEST((all.why == errc::stopping));
    BOOST_TEST((all.reason == end_reason::stopping));
    BOOST_TEST(far->receive_all() == "bye");
}

BOOST_AUTO_TEST_CASE(the_end_of_the_peer_that_came_before_a_stop_is_told_as_that) {
    far->send("whole");
    far->end();
    far->arrived();
    made->end_input(end_reason::stopping);
    until([&] { return all.over; });
    BOOST_TEST(all.got == "whole");
    BOOST_TEST(all.ends == 1);
    BOOST_TEST(all.stops == 0);
    BOOST_TEST(!all.why);
    BOOST_TEST((all.reason == end_reason::peer));
}

BOOST_AUTO_TEST_CASE(a_stop_is_told_to_one_that_stays_open_after_the_end_of_its_peer) {
    all.stay_open = true;
    far->send("question");
    far->end();
    until([&] { return all.ends == 1; });
    made->end_input(end_reason::stopping);
    until([&] { return all.over; });
    BOOST_TEST(all.stops == 1);
    BOOST_TEST(!all.why);
    BOOST_TEST((all.reason == end_reason::peer));
    BOOST_TEST(far->receive_all() == "bye");
}

BOOST_AUTO_TEST_CASE(a_stop_lets_a_paused_one_go_on_until_it_reads_again) {
    all.to->pause_reading();
    far->send("later");
    far->arrived();
    made->end_input(end_reason::stopping);
    settle();
    BOOST_TEST(!all.over);
    all.to->resume_reading();
    until([&] { return all.over; });
    BOOST_TEST(all.got == "later");
    BOOST_TEST(all.stops == 1);
}

BOOST_AUTO_TEST_CASE(silence_is_told_as_such_even_to_a_paused_one) {
    all.to->pause_reading();
    made->end_input(end_reason::idle);
    until([&] { return all.over; });
    BOOST_TEST(all.ends == 0);
    BOOST_TEST(all.expiries == 1);
    BOOST_TEST((all.why == errc::idle));
    BOOST_TEST((all.reason == end_reason::idle));
    BOOST_TEST(far->receive_all() == "too late");
}

BOOST_AUTO_TEST_CASE(silence_ends_a_paused_one_that_a_stop_has_left_alone) {
    all.to->pause_reading();
    made->end_input(end_reason::stopping);
    settle();
    BOOST_TEST(!all.over);
    made->end_input(end_reason::idle);
    until([&] { return all.over; });
    BOOST_TEST(all.stops == 0);
    BOOST_TEST(all.expiries == 1);
    BOOST_TEST((all.why == make_error_code(errc::idle)));
    BOOST_TEST((all.reason == end_reason::idle));
    BOOST_TEST(far->receive_all() == "too late");
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_replace_the_silence) {
    made->end_input(end_reason::idle);
    made->end_input(end_reason::stopping);
    until([&] { return all.over; });
    BOOST_TEST(all.stops == 0);
    BOOST_TEST(all.expiries == 1);
    BOOST_TEST((all.reason == end_reason::idle));
}

BOOST_AUTO_TEST_CASE(what_is_kept_for_a_peer_that_never_reads_has_a_bound) {
    all.to->max_buffered(1 << 20);
    std::size_t written = 0;
    until([&] {
        if (all.to) {
            all.to->write(std::string(16384, 'x'));
            written += 16384;
        }
        loop.poll();
        return all.over;
    });
    BOOST_TEST((all.why == errc::too_slow), all.why.message());
    BOOST_TEST(all.refused > 1u << 20);
    BOOST_TEST(all.refused <= (1u << 20) + 16384);
    BOOST_CHECK_THROW(far->receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_writer_learns_that_what_was_kept_has_drained) {
    constexpr std::size_t block = 256 * 1024, all_blocks = 64;
    std::size_t written = 0;
    const auto write_on = [&](transport& t) {
        while (written < all_blocks && t.buffered() <= 64u * 1024) {
            t.write(std::string(block, 'x'));
            ++written;
        }
        if (written == all_blocks)
            t.close();
    };
    all.on_drained = write_on;
    write_on(*all.to);
    BOOST_TEST(written < all_blocks);
    settle();
    BOOST_TEST(all.drains == 0);
    std::size_t got = 0;
    until([&] {
        while (far->readable(std::chrono::milliseconds(1))) {
            const std::size_t more = far->receive(1 << 20).size();
            if (more == 0)
                break;
            got += more;
        }
        return all.over;
    });
    got += far->receive_all().size();
    BOOST_TEST(got == block * all_blocks);
    BOOST_TEST(all.drains > 0);
}

// All of it is kept, and the peer reads nothing: only the mark moves.
BOOST_AUTO_TEST_CASE(a_mark_that_is_raised_far_enough_counts_as_drained) {
    for (const bool in_callback : {false, true}) {
        notes mine;
        std::optional<support::peer> other;
        begin(mine, other);
        const auto raise = [](transport& t) {
            t.write(std::string(8u << 20, 'x'));
            t.high_water(1u << 30);
        };
        mine.on_data = [&](transport& t, std::string_view) {
            if (mine.got == "x" && in_callback)
                raise(t);
        };
        other->send("x");
        until([&] { return mine.got == "x"; });
        if (!in_callback)
            raise(*mine.to);
        BOOST_TEST(mine.to->buffered() > 64u * 1024);
        until([&] { return mine.drains == 1; });
        other->send("more"); // and is read
        until([&] { return mine.got == "xmore"; });
        settle();
        BOOST_TEST(mine.drains == 1);
        mine.to->abort();
        until([&] { return mine.over; });
    }
}

BOOST_AUTO_TEST_CASE(a_mark_that_is_raised_a_little_still_tells_when_a_quarter_is_left) {
    all.to->write(std::string(16u << 20, 'x'));
    const std::size_t kept = all.to->buffered();
    BOOST_REQUIRE(kept > 64u * 1024);
    all.to->high_water(kept * 2);
    settle();
    BOOST_TEST(all.drains == 0);
    until([&] {
        while (far->readable(std::chrono::milliseconds(1)))
            far->receive(1 << 20);
        return all.drains == 1;
    });
    BOOST_TEST(all.to->buffered() <= kept / 2);
}

BOOST_AUTO_TEST_SUITE_END()
