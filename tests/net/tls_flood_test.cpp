#include "secured.hpp"

#include <aio/net/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

using aio::task;
using namespace aio::net;

namespace {

struct flooded : support::secured {
    /// Receives until the end; keeps why it ended.
    task<void> read_all(stream from) {
        try {
            while (auto data = co_await from.read())
                received += data.size();
        } catch (const std::system_error& e) {
            why = e.code();
        }
    }

    /// The peer asks for `updates` new keys, and sends a byte after each `pause` of them.
    void flood(int updates, int pause) {
        auto [ours, theirs] = support::tcp_pair();
        auto far = std::make_unique<support::peer>(std::move(theirs));
        group.spawn("read", read_all(accept_on(std::move(ours), session())));
        against([&] {
            support::tls_peer client(std::move(*far), {});
            BOOST_REQUIRE(client.connect());
            for (int i = 1; i <= updates; ++i) {
                if (::SSL_key_update(client.raw(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
                    ::SSL_do_handshake(client.raw()) != 1)
                    return; // the server has closed
                if (i % pause == 0)
                    client.send("x");
            }
            client.end();
            (void)client.receive(); // what is unread turns the close into a reset
        });
        finish();
    }

    std::size_t received = 0;
    std::error_code why;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_flood, flooded)

BOOST_AUTO_TEST_CASE(records_without_data_are_endured_up_to_a_limit) {
    flood(15000, 15001);
    BOOST_TEST(why == errc::no_data);
    BOOST_TEST(received == 0u);
}

BOOST_AUTO_TEST_CASE(data_begins_the_count_anew) {
    flood(15000, 5000);
    BOOST_TEST(!why, why.message());
    BOOST_TEST(received == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
