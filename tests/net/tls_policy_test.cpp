#include <aio/net/tls_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using aio::net::read_ciphers;
using aio::net::read_groups;
using aio::net::tls_name_mistake;

BOOST_AUTO_TEST_SUITE(tls_policy_)

BOOST_AUTO_TEST_CASE(names_stand_between_blanks_commas_colons_and_lines) {
    std::vector<tls_name_mistake> wrong;
    const auto made = read_ciphers(
        "ECDHE-RSA-AES128-GCM-SHA256, TLS_AES_128_GCM_SHA256\n  "
        "ECDHE-ECDSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256",
        wrong
    );
    BOOST_TEST(wrong.empty());
    BOOST_TEST(made.before_1_3 == "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256");
    BOOST_TEST(made.since_1_3 == "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256");
    BOOST_TEST(read_groups("X25519 P-256,prime256v1", wrong) == "X25519:P-256:prime256v1");
    BOOST_TEST(wrong.empty());
    BOOST_TEST(read_groups("", wrong) == "");
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_told_with_its_place) {
    std::vector<tls_name_mistake> wrong;
    const auto made = read_ciphers("ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA2", wrong);
    BOOST_TEST(made.before_1_3 == "ECDHE-RSA-AES128-GCM-SHA256");
    BOOST_REQUIRE(wrong.size() == 1u);
    BOOST_TEST(wrong[0].offset == 28u);
    BOOST_TEST(wrong[0].text == "'ECDHE-RSA-AES128-GCM-SHA2' is not known to OpenSSL");
    BOOST_TEST(wrong[0].hint.starts_with("did you mean 'ECDHE-RSA-AES128-GCM-SHA256'"));
    wrong.clear();
    read_groups("P-256 P256 25519", wrong);
    BOOST_REQUIRE(wrong.size() == 2u);
    BOOST_TEST(wrong[0].offset == 6u);
    BOOST_TEST(wrong[0].hint == "did you mean 'P-256'?");
}

BOOST_AUTO_TEST_CASE(expressions_and_what_is_not_secure_are_no_names) {
    for (const char* name :
         {"HIGH",
          "!aNULL",
          "ALL",
          "NULL-SHA256",
          "ADH-AES128-SHA256",
          "PSK-AES128-CBC-SHA",
          "DHE-RSA-AES128-GCM-SHA256",
          "@SECLEVEL=0",
          "?X25519"}) {
        std::vector<tls_name_mistake> wrong;
        read_ciphers(name, wrong);
        BOOST_TEST(wrong.size() == 1u, name);
        wrong.clear();
        read_groups(name, wrong);
        BOOST_TEST(wrong.size() == 1u, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
