#include "fixture.hpp"

#include <aio/net/error.hpp>

#include <functional>
#include <optional>
#include <string>
#include <system_error>

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

BOOST_AUTO_TEST_SUITE_END()
