// Files as a part of what is sent, by callbacks and by coroutines.

#include "called_back.hpp"
#include "secured.hpp"

#include <aio/net/error.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using aio::base::descriptor;
using namespace aio::net;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t more_than_fits = 16u << 20;

/// How many descriptors this process has open.
std::size_t descriptors() {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

struct with_file {
    explicit with_file(const std::string& text) : path(folder.write("file", text)) {}

    aio::testing::temporary_folder folder;
    std::string path;
    descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
};

struct sends_files : support::called_back {
    /// Each byte of the peer asks for a file.
    void answer_each_byte_with(const with_file& source, std::size_t size) {
        all.on_data = [&source, size, this](transport& t, std::string_view text) {
            for (std::size_t i = 0; i < text.size(); ++i) {
                t.send_file(source.file.get(), 0, size);
                most_open = std::max(most_open, descriptors());
            }
        };
    }

    std::size_t most_open = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(send_file_, sends_files)

BOOST_AUTO_TEST_CASE(bytes_and_parts_of_files_arrive_in_order) {
    const with_file source("0123456789");
    all.on_data = [&](transport& t, std::string_view) {
        t.write("head ");
        t.send_file(source.file.get(), 2, 3);
        t.write(" middle ");
        t.send_file(source.file.get(), 0, 10);
        t.send_file(source.file.get(), 0, 0);
        t.write(" tail");
        t.close();
    };
    far->send("x");
    until([&] { return all.over; });
    BOOST_TEST(far->receive_all() == "head 234 middle 0123456789 tail");
    BOOST_TEST(!all.why, all.why.message());
}

BOOST_AUTO_TEST_CASE(the_files_that_are_kept_for_a_peer_that_never_reads_have_a_bound) {
    const with_file source(std::string(more_than_fits, 'x'));
    answer_each_byte_with(source, more_than_fits);
    const std::size_t before = descriptors();
    far->send(std::string(960, '?'));
    until([&] { return all.over; });
    BOOST_TEST((all.why == errc::too_slow), all.why.message());
    BOOST_TEST(all.refused_files == transport::most_files + 1);
    BOOST_TEST(most_open > before);
    BOOST_TEST(most_open <= before + transport::most_files + 1); // and one that counts them
    BOOST_TEST(descriptors() < before);
}

BOOST_AUTO_TEST_CASE(a_peer_that_has_room_gets_any_number_of_files_for_one_receive) {
    const with_file source("0123456789");
    answer_each_byte_with(source, 10);
    far->send(std::string(960, '?'));
    against([&] { BOOST_TEST(far->receive_exactly(9600).size() == 9600u); });
    BOOST_TEST(!all.over);
    BOOST_TEST(all.to->kept_files() == 0u);
}

BOOST_AUTO_TEST_CASE(a_protocol_that_waits_for_drained_serves_a_peer_with_many_requests) {
    constexpr std::size_t size = 1u << 20, count = 40;
    const with_file source(std::string(size, 'x'));
    std::size_t asked = 0;
    const auto go_on = [&](transport& t) {
        for (; asked != 0 && t.kept_files() == 0; --asked)
            t.send_file(source.file.get(), 0, size);
    };
    all.on_data = [&](transport& t, std::string_view text) {
        asked += text.size();
        go_on(t);
    };
    all.on_drained = go_on;
    far->send(std::string(count, '?'));
    against([&] { BOOST_TEST(far->receive_exactly(count * size).size() == count * size); });
    until([&] { return all.to->kept_files() == 0; });
    BOOST_TEST(asked == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_shorter_resets_the_connection) {
    const with_file source("0123456789");
    answer_each_byte_with(source, 11);
    far->send("?");
    until([&] { return all.over; });
    BOOST_TEST((all.why == errc::short_file), all.why.message());
}

BOOST_AUTO_TEST_CASE(without_memory_for_what_is_left_to_send_the_connection_is_reset) {
    const with_file source(std::string(more_than_fits, 'x'));
    for (const bool file : {true, false}) {
        support::notes mine;
        std::optional<support::peer> other;
        begin(mine, other);
        mine.to->patience(std::nullopt, 1h);
        mine.no_memory = true;
        mine.on_data = [&](transport& t, std::string_view) {
            if (file)
                t.send_file(source.file.get(), 0, more_than_fits);
            else
                t.write(std::string(more_than_fits, 'x'));
            t.write("something else");
        };
        other->send("?");
        until([&] { return mine.over; });
        BOOST_TEST((mine.why == std::errc::not_enough_memory), mine.why.message());
        BOOST_TEST(mine.crashes == 0);
        BOOST_CHECK_THROW(other->receive_all(), std::system_error);
    }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct wanted {
    std::uint64_t offset, size;
};

/// Sends a part of a file between two texts, then the end.
task<void> send_part(stream& s, const with_file& source, wanted part, std::error_code& why) {
    try {
        co_await s.write("<");
        co_await s.send_file(source.file.get(), part.offset, part.size);
        co_await s.write(">");
        co_await s.shutdown();
    } catch (const std::system_error& e) {
        why = e.code();
    } catch (const boost::system::system_error& e) { // cancelled
        why = e.code();
    }
}

std::string numbered(std::size_t size) {
    std::string made;
    while (made.size() < size)
        made += std::to_string(made.size()) + ",";
    return made.substr(0, size);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(send_file_by_stream, support::connected)

BOOST_AUTO_TEST_CASE(the_whole_file_or_a_part_arrives) {
    const std::string text = numbered(3u << 20); // more than one sendfile takes
    const with_file source(text);
    for (const wanted part :
         {wanted{0, text.size()}, wanted{0, 10}, wanted{700'001, 1u << 20}, wanted{5, 0}}) {
        auto [ours, theirs] = support::tcp_pair();
        stream s = adopt(loop, std::move(ours));
        support::peer other(std::move(theirs));
        std::error_code why;
        group.spawn("send", send_part(s, source, part, why));
        std::string got;
        against([&] { got = other.receive_all(); });
        finish();
        BOOST_TEST(!why, why.message());
        BOOST_TEST((got == "<" + text.substr(part.offset, part.size) + ">"));
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_shorter_than_said_is_an_error_after_what_it_has) {
    const with_file source("0123456789");
    std::error_code why;
    group.spawn("send", send_part(near, source, {8, 3}, why));
    finish();
    BOOST_TEST((why == errc::short_file), why.message());
    BOOST_TEST(far->receive_exactly(3) == "<89");
    near = stream();
    BOOST_CHECK_THROW(far->receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(cancelled_in_the_middle_the_connection_is_reset) {
    const with_file source(std::string(more_than_fits, 'x'));
    std::error_code why;
    group.spawn("send", send_part(near, source, {0, more_than_fits}, why));
    settle();
    BOOST_TEST(!why);
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    BOOST_TEST((why == std::errc::operation_canceled), why.message());
    near = stream();
    BOOST_CHECK_THROW(far->receive_all(), std::system_error);
}

BOOST_AUTO_TEST_CASE(no_file_is_an_error) {
    with_file source("0123456789");
    source.file = descriptor();
    std::error_code why;
    group.spawn("send", send_part(near, source, {0, 10}, why));
    finish();
    BOOST_TEST((why == std::errc::bad_file_descriptor), why.message());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// Sends a file that gets shorter while its peer does not read, then something else.
task<void> send_cut_file(stream& s, const with_file& source, bool& waits, std::error_code& why) {
    std::byte hello[2];
    co_await s.read_exactly(hello);
    waits = true;
    try {
        co_await s.send_file(source.file.get(), 0, more_than_fits);
    } catch (const boost::system::system_error&) { // cancelled
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    try {
        co_await s.write(std::string(100'000, 'y')); // more than a record
    } catch (const std::system_error& e) {
        why = e.code();
    }
    s.close();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(send_file_over_tls, support::secured)

BOOST_AUTO_TEST_CASE(nothing_follows_a_record_of_a_file_that_cannot_be_read_again) {
    std::signal(SIGPIPE, SIG_IGN);
    for (const std::size_t left : {std::size_t(0), std::size_t(100)}) {
        const with_file source(std::string(more_than_fits, 'x'));
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        BOOST_REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        stream ours = accept_on(aio::net::socket(ends[0]), session());
        support::tls_peer client(support::peer(aio::net::socket(ends[1])), {});
        bool waits = false;
        std::error_code why;
        group.spawn("send", send_cut_file(ours, source, waits, why));
        against([&] {
            BOOST_REQUIRE(client.connect());
            client.send("hi");
        });
        until([&] { return waits; });
        settle();
        BOOST_REQUIRE(core->in_record());
        std::filesystem::resize_file(source.path, left);
        group.cancel(boost::asio::cancellation_type::terminal);
        std::string last;
        against([&] {
            do
                last = client.receive();
            while (last[0] == 'x');
        });
        finish();
        BOOST_TEST((why == std::errc::broken_pipe), why.message());
        BOOST_TEST(last[0] == '(', last.substr(0, 20));
    }
}

BOOST_AUTO_TEST_CASE(a_part_of_a_file_arrives_and_a_shorter_file_is_an_error) {
    const std::string text = numbered(300'000);
    const with_file source(text);
    for (const std::uint64_t size : {200'000u, 200'001u}) {
        auto [ours, theirs] = support::tcp_pair();
        stream s = accept_on(std::move(ours), session());
        support::tls_peer client(support::peer(std::move(theirs)), {});
        std::error_code why;
        auto run = [](stream& to, const with_file& from, std::uint64_t count, std::error_code& into
                   ) -> task<void> {
            std::byte hello[2];
            co_await to.read_exactly(hello);
            co_await send_part(to, from, {100'000, count}, into);
            if (into)
                to.abort();
        };
        group.spawn("send", run(s, source, size, why));
        std::string got;
        against([&] {
            BOOST_REQUIRE(client.connect());
            client.send("hi");
            got = client.receive_exactly(text.size());
        });
        finish();
        if (size == 200'000u) {
            BOOST_TEST(!why, why.message());
            BOOST_TEST((got == "<" + text.substr(100'000) + ">(end)"));
        } else {
            BOOST_TEST((why == errc::short_file), why.message());
            BOOST_TEST(!got.ends_with("(end)"));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
