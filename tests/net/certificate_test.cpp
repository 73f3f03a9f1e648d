#include "certificates.hpp"

#include <aio/net/certificate.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/asn1.h>

#include <chrono>
#include <string>

using aio::net::read_certificate;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(certificate_)

BOOST_AUTO_TEST_CASE(nothing_is_no_certificate) {
    BOOST_TEST(!read_certificate(nullptr));
}

BOOST_AUTO_TEST_CASE(its_times_are_those_it_says_as_far_as_the_clock_goes) {
    using clock = std::chrono::system_clock;
    const support::certificate made("a server", nullptr);
    const auto read_with_end = [&](const char* end) {
        ::ASN1_TIME_set_string(::X509_getm_notAfter(made.x509), end);
        return read_certificate(made.x509).not_after;
    };
    BOOST_TEST((read_with_end("20380119031408Z") == clock::from_time_t(2147483648)));
    BOOST_TEST((read_with_end("22620101000000Z") == clock::from_time_t(9214646400)));
    BOOST_TEST((read_with_end("99991231235959Z") > clock::time_point::max() - 1s));
    ::ASN1_TIME_set_string(::X509_getm_notBefore(made.x509), "00010101000000Z");
    BOOST_TEST((read_certificate(made.x509).not_before < clock::time_point::min() + 2s));
}

BOOST_AUTO_TEST_SUITE_END()
