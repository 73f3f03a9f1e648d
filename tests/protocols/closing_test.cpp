#include <aio/protocols/closing.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace aio;
using namespace std::chrono_literals;
using net::close_wait;
using protocols::stage;

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(a_close_waits_by_what_it_waits_for_and_how_far_the_stop_is) {
    struct {
        close_wait what;
        stage now;
        base::duration limit;
    } const rows[] = {
        {close_wait::close_notify, stage::serving, 60s},
        {close_wait::close_notify, stage::stopping, 3s},
        {close_wait::delivery, stage::serving, 60s},
        {close_wait::delivery, stage::stopping, 3s},
        {close_wait::peer_end, stage::serving, 3s},
        {close_wait::peer_end, stage::stopping, 3s},
    };

    for (const auto& [what, now, limit] : rows)
        BOOST_TEST_CONTEXT(static_cast<int>(what) << ' ' << static_cast<int>(now))
    BOOST_CHECK(protocols::limit_of_close(what, now, 3s) == limit);
}

BOOST_AUTO_TEST_CASE(when_the_stop_comes_only_the_end_of_the_peer_is_hurried) {
    BOOST_CHECK(protocols::rest_of_close(close_wait::close_notify, 3s) == 3s);
    BOOST_CHECK(protocols::rest_of_close(close_wait::delivery, 3s) == 3s);
    BOOST_CHECK(protocols::rest_of_close(close_wait::peer_end, 3s) == 200ms);
    BOOST_CHECK(protocols::rest_of_close(close_wait::peer_end, 100ms) == 100ms);
}

BOOST_AUTO_TEST_CASE(what_a_connection_waits_for_is_told) {
    BOOST_TEST(
        protocols::text_of_wait("connection from 127.0.0.1:1", close_wait::delivery, 7) ==
        "connection from 127.0.0.1:1 waits for its peer to receive the last 7 bytes"
    );
    BOOST_TEST(
        protocols::text_of_wait("connection from a unix socket", close_wait::delivery, 0) ==
        "connection from a unix socket waits for its peer to receive what is left"
    );
    BOOST_TEST(
        protocols::text_of_wait("connection to 127.0.0.1:1", close_wait::nothing, 0) ==
        "connection to 127.0.0.1:1 waits for its protocol to close it"
    );
}

BOOST_AUTO_TEST_SUITE_END()
