#include <aio/server/tls_watch.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using aio::server::expiry_notice;

namespace {

using date = std::chrono::system_clock::time_point;

aio::async::time_point hour(int number) {
    return aio::async::time_point(aio::base::duration(std::chrono::hours(number)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_watch)

BOOST_AUTO_TEST_CASE(the_end_of_a_certificate_is_told_once_a_day) {
    const date now = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
    const std::vector<aio::net::tls_context::shown> all{
        {"a.pem", now + 20 * 24h}, {"b.pem", now + 3 * 24h}
    };
    expiry_notice notice;
    const std::vector<std::string> lines{
        "the certificate b.pem expires in 3 days, on 2026-12-04 00:00:00 UTC"
    };
    BOOST_TEST((notice.lines(all, hour(1), now) == lines));
    BOOST_TEST(notice.lines(all, hour(24), now).empty());
    BOOST_TEST((notice.lines(all, hour(25), now) == lines));
    notice.renewed();
    BOOST_TEST((notice.lines(all, hour(26), now) == lines));
    BOOST_TEST(notice.lines(all, hour(100), now + 7 * 24h).size() == 2u);
    BOOST_TEST(expiry_notice().lines({all[0]}, hour(1), now).empty());
}

BOOST_AUTO_TEST_SUITE_END()
