#include "fixture.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
