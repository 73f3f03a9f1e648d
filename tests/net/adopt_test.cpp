#include "secured.hpp"

#include <aio/async/sleep.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/closing.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/listener.hpp>
#include <aio/testing/network.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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

/// A client and a server of TLS in a network whose bytes take their time.
struct in_network : support::secured {
    static constexpr std::size_t room = 10'000;
    static constexpr std::size_t record_overhead = 22;

    in_network() {
        const support::certificate ca("test authority", nullptr);
        const support::certificate own("here", &ca, ::EVP_EC_gen("P-256"), "DNS:localhost");
        ca.write(folder / "ca.pem", folder / "ca.key");
        own.write(folder / "server.pem", folder / "server.key");
        aio::testing::fate usual = aio::testing::fate().late(5ms);
        usual.to_server.room = room;
        net.usually(usual);
        dialing::of(loop).use(net.seam());
        bind_request wanted;
        wanted.addresses = {"127.0.0.1"};
        wanted.port = 4000;
        bound = net.seam()->bind(wanted);
        bound.front().listener->listen("here", 1);
    }

    task<void> send(std::string text) {
        const auto how = connect_options().tls(tls_client().ca(folder / "ca.pem"));
        stream made = co_await connect("tls://localhost:4000", how);
        co_await aio::async::sleep(50ms); // the handshake is not on its way any more
        co_await made.write(text);
    }

    /// Reads after a while, and sends all the time.
    task<void> serve(stream from) {
        try {
            for (;;) {
                co_await from.write("progress");
                co_await aio::async::sleep(20ms);
                const auto more = co_await from.read();
                if (!more)
                    break;
                got += more.text();
            }
            end = from.end_reason();
        } catch (const std::system_error& e) {
            why = e.code().message();
        }
    }

    void run(const std::string& text) {
        group.spawn("client", send(text));
        accepted here;
        until([&] {
            here = bound.front().listener->accept(poller::of(loop));
            return static_cast<bool>(here);
        });
        stream far = adopt(loop, std::move(here.over));
        core_of(far).secure(session());
        group.spawn("server", serve(std::move(far)));
        finish();
        BOOST_TEST(why == "");
        BOOST_TEST((end == end_reason::peer));
        BOOST_TEST((got == text));
        until([this] { return net.connections() == 0; });
    }

    aio::testing::network net;
    std::vector<endpoint> bound;
    std::string got, why;
    end_reason end = end_reason::none;
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

// A read that gives way to others holds the stream until its next turn.
BOOST_AUTO_TEST_CASE(a_stream_that_waits_for_its_turn_as_well_ends_with_its_loop) {
    support::by_hand clock;
    auto [ours, other] = support::tcp_pair();
    support::peer theirs(std::move(other));
    {
        aio::async::loop home("main", 0, clock.time);
        aio::async::task_group group(home);
        stream near = adopt(home, std::move(ours));
        const auto drain = [](stream& from) -> task<void> {
            std::byte one[1];
            for (;;)
                co_await from.read_some(one);
        };
        theirs.send(std::string(10'000, 'x'));
        group.spawn("drain", drain(near));
        home.post([&] {
            group.cancel();
            near = {};
            home.stop();
        });
        home.run();
    }
    BOOST_CHECK_THROW(while (theirs.send("x"), true);, std::system_error);
}

BOOST_AUTO_TEST_CASE(a_stream_that_outlives_its_loop_closes_at_once) {
    std::optional<adopted> all;
    all.emplace();
    all->write(much);
    all->loop.close();
    all->near = {};
    BOOST_TEST((all_of(*all->far) == much));
}

BOOST_FIXTURE_TEST_CASE(the_end_of_tls_follows_when_there_is_room_for_it, in_network) {
    run(std::string(room - record_overhead, 'x')); // the whole room
}

BOOST_AUTO_TEST_SUITE_END()
