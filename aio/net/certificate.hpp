#pragma once

// A certificate as code sees it: that of the peer of a TLS connection.

#include <aio/base/api.hpp>

#include <chrono>
#include <string>
#include <vector>

struct x509_st;

namespace aio::net {

/// Texts come from outside, and may have any characters.
struct certificate {
    std::string subject; ///< "CN=bank.example,O=Bank" (RFC 2253); may be empty
    std::string issuer;  ///< in the same form
    /// What it is for, in its order: host names, addresses, mail addresses and URIs.
    std::vector<std::string> names;
    std::string serial; ///< in hexadecimal digits
    /// At the ends of what the clock can tell: that, or beyond. A certificate without an end says
    /// 9999, and the clock ends in 2262.
    std::chrono::system_clock::time_point not_before, not_after;
    std::string sha256; ///< of the whole certificate, in hexadecimal digits

    /// False: there is none.
    explicit operator bool() const noexcept { return !sha256.empty(); }

    friend bool operator==(const certificate&, const certificate&) = default;
};

/// Reads one that OpenSSL has parsed; nullptr gives none.
AIO_API certificate read_certificate(const ::x509_st* from);

} // namespace aio::net
