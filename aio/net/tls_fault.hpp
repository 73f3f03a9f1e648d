#pragma once

// Why a TLS handshake failed, in words for the user: what is wrong with the certificate of the
// peer, and what the alerts of the peer mean. Private to net/ and server/.

#include <aio/base/api.hpp>

#include <string>
#include <system_error>

struct x509_store_ctx_st;

namespace aio::net {

/// Who has shown the certificate.
enum class certificate_of { server, client };

/// The fault that a verification has found, as the rest of a sentence: "the server's certificate
/// has expired, on 2026-11-29 10:00:00 UTC". `wanted`: the name that it should be for; empty: any.
std::string certificate_fault(
    ::x509_store_ctx_st* verification, certificate_of whose, const std::string& wanted
);

/// What an error of OpenSSL during the handshake means; empty when its own words have to do.
std::string handshake_fault(const std::error_code& why);

/// What an alert of the peer means that came as this error of OpenSSL, at any time: TLS 1.3 refuses
/// a client only after its handshake. Empty: it was none, or its own words have to do.
std::string alert_text(const std::error_code& why);

/// Whether this side has told its peer by an alert that the handshake failed for this reason.
AIO_API bool is_told_by_alert(const std::error_code& why) noexcept;
/// Whether the peer has told this error by an alert.
AIO_API bool is_alert_of_peer(const std::error_code& why) noexcept;

} // namespace aio::net
