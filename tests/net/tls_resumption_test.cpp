#include <aio/net/tls_resumption.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <string>

using aio::net::session_ticket;
using aio::net::tls_resumption;

BOOST_AUTO_TEST_SUITE(tls_resumption_)

BOOST_AUTO_TEST_CASE(the_two_newest_sessions_of_a_server_are_used_once_each) {
    tls_resumption all;
    ::SSL_SESSION* made[3];
    for (auto& each : made) {
        each = ::SSL_SESSION_new();
        all.keep("a", session_ticket(each));
    }
    BOOST_TEST(!all.take("b"));
    BOOST_TEST(all.take("a").get() == made[2]);
    BOOST_TEST(all.take("a").get() == made[1]);
    BOOST_TEST(!all.take("a"));
}

BOOST_AUTO_TEST_CASE(the_server_that_was_not_used_for_longest_goes_first) {
    tls_resumption all;
    for (std::size_t i = 0; i < tls_resumption::most_servers; ++i)
        all.keep(std::to_string(i), session_ticket(::SSL_SESSION_new()));
    all.keep("0", session_ticket(::SSL_SESSION_new()));
    all.keep("new", session_ticket(::SSL_SESSION_new()));
    BOOST_TEST(!all.take("1"));
    BOOST_TEST(all.take("0").get() != nullptr);
    BOOST_TEST(all.take("2").get() != nullptr);
    BOOST_TEST(all.take("new").get() != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
