#include "certificates.hpp"

#include <aio/net/certificate_end.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using aio::net::end_of_certificate;
using date = std::chrono::system_clock::time_point;

BOOST_AUTO_TEST_SUITE(certificate_end)

BOOST_AUTO_TEST_CASE(the_words_are_a_table) {
    const date end = std::chrono::sys_days(std::chrono::year(2026) / 12 / 24) + 18h;
    const std::string on = ", on 2026-12-24 18:00:00 UTC";

    const struct {
        std::chrono::system_clock::duration before;
        std::string expected;
    } table[] = {
        {24h * 14 + 1s, ""},
        {24h * 14, "expires in 14 days" + on},
        {47h, "expires in 1 day" + on},
        {23h, "expires in less than a day" + on},
        {0s, "has expired" + on},
        {-1h, "has expired" + on},
    };

    for (const auto& row : table)
        BOOST_TEST(end_of_certificate(end, end - row.before) == row.expected);
    BOOST_TEST(end_of_certificate(date::max(), end) == "");
}

BOOST_AUTO_TEST_CASE(a_file_is_looked_into_unless_it_is_a_pipe_or_useless) {
    const aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    const auto found = aio::net::first_certificate(folder / "server.pem");
    BOOST_REQUIRE(found);
    BOOST_TEST(found->subject == "CN=localhost");
    const std::string pipe = folder / "pipe";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const std::string& path : {pipe, folder / "server.key", folder / "nowhere"})
        BOOST_TEST(!aio::net::first_certificate(path));
}

BOOST_AUTO_TEST_SUITE_END()
