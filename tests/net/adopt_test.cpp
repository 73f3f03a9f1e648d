#include "fixture.hpp"

#include <aio/net/closing.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;
using namespace std::chrono_literals;

namespace {

/// Fits into the buffers of the system, and not into those of the peer.
const std::string much(300'000, 'x');

/// A stream of a loop whose clock stands, and a peer with small buffers.
struct adopted : support::by_hand, support::loop_under_test {
    adopted() : loop_under_test(time) {
        auto [ours, theirs] = support::tcp_pair();
        far.emplace(std::move(theirs));
        far->small_buffers();
        near = adopt(loop, std::move(ours));
    }

    void write(std::string_view text) {
        const auto written = [](stream& to, std::string_view data) -> task<void> {
            co_await to.write(data);
        };
        group.spawn("write", written(near, text));
        finish();
    }

    std::size_t open() { return poller::of(loop).watched(); }

    stream near;
    std::optional<support::peer> far;
};

/// What the peer gets, or the error that it gets at last.
std::string all_of(support::peer& far) {
    try {
        return far.receive_all();
    } catch (const std::system_error& e) {
        return e.code().message();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(adopt_)

BOOST_FIXTURE_TEST_CASE(what_was_written_reaches_a_peer_that_goes_on_sending, adopted) {
    write(much);
    near = {};
    far->send("progress");
    std::string got;
    against([&] {
        got = all_of(*far);
        far->close();
    });
    BOOST_TEST(got.size() == much.size());
    BOOST_TEST((got == much));
    until([this] { return open() == 0; });
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_does_not_read_is_left_in_the_end, adopted) {
    write(much);
    near = {};
    pass(time, delivery_limit - 1s);
    BOOST_TEST(open() == 1u);
    pass(time, 2s);
    BOOST_TEST(open() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_does_not_close_is_left_soon, adopted) {
    far->send("unread");
    far->arrived();
    write("x");
    near = {};
    settle();
    BOOST_TEST(far->receive_all() == "x");
    pass(time, usual_linger - 1s);
    BOOST_TEST(open() == 1u);
    pass(time, 2s);
    BOOST_TEST(open() == 0u);
}

BOOST_FIXTURE_TEST_CASE(the_deadline_of_a_stream_does_not_end_its_close, adopted) {
    write(much);
    near.expires_in(1s);
    near = {};
    pass(time, 2s);
    BOOST_TEST(open() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_waits_for_its_peer_ends_with_its_loop) {
    std::optional<adopted> all;
    all.emplace();
    all->write(much);
    all->near = {};
    BOOST_TEST(all->open() == 1u);
    support::peer far = std::move(*all->far);
    all.reset();
    BOOST_TEST((all_of(far) == much)); // the system delivers what it has
}

BOOST_AUTO_TEST_CASE(a_stream_that_outlives_its_loop_closes_at_once) {
    std::optional<adopted> all;
    all.emplace();
    all->write(much);
    all->loop.close();
    all->near = {};
    BOOST_TEST((all_of(*all->far) == much));
}

BOOST_AUTO_TEST_SUITE_END()
