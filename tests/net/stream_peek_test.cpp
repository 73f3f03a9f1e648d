#include "fixture.hpp"

#include <boost/asio/cancellation_type.hpp>

#include <optional>
#include <string>
#include <string_view>

using aio::task;
using aio::net::stream;

namespace {

/// What a read gets that is called before something happens to the rest, and awaited afterwards.
task<void> read_later(
    stream& s, std::string& got, task<void> (*before)(stream&), task<void> (*between)(stream&)
) {
    co_await before(s);
    auto later = s.read();
    co_await between(s);
    got = (co_await std::move(later)).text();
}

task<void> nothing(stream&) {
    co_return;
}

task<void> peek_two(stream& s) {
    const aio::net::bytes seen = co_await s.peek(2);
    BOOST_TEST(seen.text().substr(0, 2) == "ab");
}

task<void> consume_all(stream& s) {
    s.consume(2);
    co_return;
}

task<void> peek(stream& s, std::size_t least, std::string& seen, bool& done) {
    seen = (co_await s.peek(least)).text();
    done = true;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_peek, support::connected)

BOOST_AUTO_TEST_CASE(what_was_peeked_stays_for_the_next_read) {
    far->send("ab");
    std::string got;
    group.spawn("read", read_later(near, got, peek_two, nothing));
    finish();
    BOOST_TEST(got == "ab");
}

BOOST_AUTO_TEST_CASE(a_read_looks_for_what_was_peeked_when_it_is_awaited) {
    far->send("ab");
    std::string got;
    group.spawn("read", read_later(near, got, nothing, peek_two));
    settle();
    far->send("cd"); // a read that looked too early would get this
    finish();
    BOOST_TEST(got == "ab");
}

BOOST_AUTO_TEST_CASE(a_read_that_was_called_before_all_was_consumed_waits_for_more) {
    far->send("ab");
    std::string got;
    group.spawn("read", read_later(near, got, peek_two, consume_all));
    settle();
    far->send("cd");
    finish();
    BOOST_TEST(got == "cd");
}

BOOST_AUTO_TEST_CASE(it_waits_for_the_least_and_shows_all_that_has_come) {
    std::string seen;
    bool done = false;
    group.spawn("peek", peek(near, 4, seen, done));
    far->send("abc");
    settle();
    BOOST_TEST(!done);
    far->send("def");
    finish();
    BOOST_TEST(seen == "abcdef");
    group.spawn("again", peek(near, 6, seen, done));
    BOOST_TEST(group.empty());
    BOOST_TEST(seen == "abcdef");
}

BOOST_AUTO_TEST_CASE(at_the_end_it_shows_less_and_then_nothing) {
    std::string seen;
    bool done = false;
    far->send("abc");
    far->end();
    group.spawn("peek", peek(near, 4, seen, done));
    finish();
    BOOST_TEST(seen == "abc");
    BOOST_TEST((near.end_reason() == aio::net::end_reason::peer));
    near.consume(3);
    group.spawn("peek", peek(near, 1, seen, done));
    finish();
    BOOST_TEST(seen == "");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it_and_what_was_seen_stays) {
    std::string seen;
    bool done = false;
    far->send("abc");
    group.spawn("peek", peek(near, 4, seen, done));
    settle();
    core_of(near).end_input(aio::net::end_reason::stopping);
    finish();
    BOOST_TEST(seen == "abc");
    BOOST_TEST((near.end_reason() == aio::net::end_reason::stopping));
    std::string got;
    group.spawn("read", read_later(near, got, nothing, nothing));
    finish();
    BOOST_TEST(got == "abc");
}

BOOST_AUTO_TEST_CASE(cancelled_it_loses_nothing) {
    std::string seen, got;
    bool done = false;
    far->send("abc");
    far->arrived();
    group.spawn("peek", peek(near, 4, seen, done));
    settle();
    group.cancel(boost::asio::cancellation_type::terminal);
    finish();
    BOOST_TEST(!done);
    group.spawn("read", read_later(near, got, nothing, nothing));
    finish();
    BOOST_TEST(got == "abc");
}

BOOST_AUTO_TEST_CASE(every_kind_of_read_gets_what_was_peeked_and_not_consumed) {
    auto all = [](stream& s) -> task<void> {
        co_await s.peek(2);
        std::byte into[4];
        BOOST_TEST(co_await s.read_some(std::span(into, 1)) == 1u);
        BOOST_TEST((into[0] == std::byte('1')));
        BOOST_TEST((co_await s.peek(4)).text().substr(0, 4) == "2345");
        s.consume(1);
        co_await s.read_exactly(std::span(into, 2));
        BOOST_TEST((into[0] == std::byte('3') && into[1] == std::byte('4')));
        co_await s.peek(4);
        s.consume(0);
        BOOST_TEST(co_await s.read_until(";") == "5;");
        co_await s.peek(4);
        BOOST_TEST((co_await s.read_line()).value_or("") == "line");
        co_await s.peek(6);
        s.consume(1);
        BOOST_TEST(co_await s.read_to_end() == "he rest");
        s.consume(1);
    };
    far->send("12345;line\nthe rest");
    far->end();
    group.spawn("read", all(near));
    finish();
}

BOOST_AUTO_TEST_CASE(no_more_is_consumed_than_was_peeked) {
    std::string seen;
    bool done = false;
    near.consume(5);
    far->send("abc");
    group.spawn("peek", peek(near, 3, seen, done));
    finish();
    far->send("def");
    near.consume(100);
    group.spawn("peek", peek(near, 3, seen, done));
    finish();
    BOOST_TEST(seen == "def");
}

BOOST_AUTO_TEST_SUITE_END()
