#include <aio/base/visible.hpp>
#include <aio/net/certificate.hpp>
#include <aio/net/certificate_end.hpp>
#include <aio/net/error.hpp>
#include <aio/net/tls_fault.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <string_view>

namespace aio::net {

namespace {

constexpr std::size_t most_names = 10;

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 200;
    return base::visible(text.substr(0, longest), base::layout::one_line);
}

/// One verification that has failed.
struct failed {
    int error;
    int depth; ///< 0: the peer's own certificate
    certificate shown;
    certificate_of whose;
    const std::string& wanted;

    /// The certificate at fault.
    std::string subject() const {
        std::string own = whose == certificate_of::server ? "the server's certificate"
                                                          : "the client's certificate";
        if (depth == 0)
            return own;
        return fmt::format("the authority '{}' of {}", net::shown(shown.subject), own);
    }
};

std::string list_of_names(const certificate& from) {
    std::string all;
    for (std::size_t i = 0; i < std::min(from.names.size(), most_names); ++i)
        all += (i ? ", " : "") + shown(from.names[i]);
    if (from.names.size() > most_names)
        all += fmt::format(" and {} more", from.names.size() - most_names);
    return all;
}

std::string wrong_name(const failed& from) {
    if (from.shown.names.empty())
        return fmt::format(
            "{} is for no name, so not for {}: it has no subjectAltName, and its subject '{}' does "
            "not count",
            from.subject(),
            shown(from.wanted),
            shown(from.shown.subject)
        );
    return fmt::format(
        "{} is for {}, not for {}", from.subject(), list_of_names(from.shown), shown(from.wanted)
    );
}

std::string unknown_issuer(const failed& from) {
    return fmt::format(
        "the issuer '{}' of {} is not known: it is no trusted authority, or the {} does not send "
        "the certificates between them",
        shown(from.shown.issuer),
        from.depth == 0 ? from.subject() : "'" + shown(from.shown.subject) + "'",
        from.whose == certificate_of::server ? "server" : "client"
    );
}

std::string text_of(const failed& from) {
    switch (from.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return fmt::format("{} has expired, on {}", from.subject(), utc_text(from.shown.not_after));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return fmt::format(
            "{} is not valid before {}", from.subject(), utc_text(from.shown.not_before)
        );
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return wrong_name(from);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return fmt::format(
            "{} '{}' is signed by itself, and is not trusted",
            from.subject(),
            shown(from.shown.subject)
        );
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return fmt::format("{} is not trusted", from.subject());
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return unknown_issuer(from);
    case X509_V_ERR_CERT_REVOKED:
        return from.subject() + " has been revoked";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        return fmt::format(
            "there is no revocation list of '{}', which has signed {}",
            shown(from.shown.issuer),
            from.subject()
        );
    case X509_V_ERR_CRL_HAS_EXPIRED:
        return fmt::format("the revocation list of '{}' is out of date", shown(from.shown.issuer));
    case X509_V_ERR_INVALID_PURPOSE:
        return fmt::format(
            "{} is not meant for {}",
            from.subject(),
            from.whose == certificate_of::server ? "servers" : "clients"
        );
    case X509_V_ERR_INVALID_CA:
        return from.subject() + " is no certificate of an authority";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return fmt::format(
            "{} is not signed by '{}', as it says", from.subject(), shown(from.shown.issuer)
        );
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        return from.subject() + " has a key that is too short";
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return from.subject() + " is signed with a digest that is too weak, such as SHA-1";
    case X509_V_ERR_APPLICATION_VERIFICATION:
        return from.subject() + " is for nobody in tls_client_names";
    default:
        return fmt::format(
            "{} is refused: {}", from.subject(), ::X509_verify_cert_error_string(from.error)
        );
    }
}

struct meaning {
    int reason;
    std::string_view text;
};

// What the peer has said by an alert, and what this side has found.
constexpr meaning meanings[] = {
    {SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS"},
    {SSL_R_HTTP_REQUEST, "the peer does not speak TLS, but HTTP"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "the peer speaks no version of TLS that is allowed here"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the peer allows no version of TLS that is allowed here"},
    {SSL_R_NO_SHARED_CIPHER, "both sides have no cipher in common"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "both sides have no way to sign in common"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "the peer has refused: it wants a certificate, or other ciphers"},
    {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, "the peer wants stronger ciphers"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "the peer wants a certificate"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "the peer has shown no certificate"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "the peer does not serve this name"},
    {SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL,
     "the peer speaks none of the application protocols (ALPN)"},
    {SSL_R_NO_APPLICATION_PROTOCOL, "both sides have no application protocol (ALPN) in common"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "the peer does not trust our certificate: it does not know its authority"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer does not accept our certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "the peer does not accept our kind of certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
     "the peer does not accept our certificate: it has been revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "the peer does not accept our certificate: it has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer does not accept our certificate"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the peer refuses the owner of our certificate"},
};

/// Of an error of TLS itself; 0: it is another one.
int reason_of(const std::error_code& why) noexcept {
    const auto packed = static_cast<unsigned long>(static_cast<unsigned>(why.value()));
    const bool of_tls = why.category() == tls_category() && ERR_GET_LIB(packed) == ERR_LIB_SSL;
    return of_tls ? ERR_GET_REASON(packed) : 0;
}

/// Whether the peer has sent it.
bool is_alert(int reason) noexcept {
    return reason >= SSL_AD_REASON_OFFSET;
}

} // namespace

std::string
certificate_fault(::X509_STORE_CTX* verification, certificate_of whose, const std::string& wanted) {
    return text_of(
        {::X509_STORE_CTX_get_error(verification),
         ::X509_STORE_CTX_get_error_depth(verification),
         read_certificate(::X509_STORE_CTX_get_current_cert(verification)),
         whose,
         wanted}
    );
}

std::string handshake_fault(const std::error_code& why) {
    if (why == errc::truncated)
        return "the peer ended the connection in it";
    const auto found = std::ranges::find(meanings, reason_of(why), &meaning::reason);
    return found == std::ranges::end(meanings) ? std::string() : std::string(found->text);
}

std::string alert_text(const std::error_code& why) {
    return is_alert_of_peer(why) ? handshake_fault(why) : std::string();
}

bool is_alert_of_peer(const std::error_code& why) noexcept {
    return is_alert(reason_of(why));
}

bool is_told_by_alert(const std::error_code& why) noexcept {
    return reason_of(why) != 0 && !is_alert(reason_of(why));
}

} // namespace aio::net
