#pragma once

// Certificates made on the spot, and a TLS client that knows nothing of ours: blocking OpenSSL.

#include "peer.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace support {

struct certificate {
    ::EVP_PKEY* key;
    ::X509* x509 = ::X509_new();

    /// Takes `own_key`.
    /// `others`: further names, as in "DNS:bank.example,IP:127.0.0.1"; nullptr: none.
    certificate(
        const char* name,
        const certificate* issuer,
        ::EVP_PKEY* own_key = ::EVP_EC_gen("P-256"),
        const char* others = nullptr
    )
        : key(own_key) {
        ::X509_set_version(x509, 2);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(x509), issuer ? 2 : 1);
        ::X509_gmtime_adj(::X509_getm_notBefore(x509), -3600);
        ::X509_gmtime_adj(::X509_getm_notAfter(x509), 3600);
        ::X509_set_pubkey(x509, key);
        ::X509_NAME_add_entry_by_txt(
            ::X509_get_subject_name(x509),
            "CN",
            MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>(name),
            -1,
            -1,
            0
        );
        ::X509_set_issuer_name(x509, ::X509_get_subject_name(issuer ? issuer->x509 : x509));
        if (others)
            extend(NID_subject_alt_name, others);
        extend(NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
        ::X509_sign(x509, issuer ? issuer->key : key, ::EVP_sha256());
    }

    certificate(const certificate&) = delete;
    certificate& operator=(const certificate&) = delete;

    ~certificate() {
        ::X509_free(x509);
        ::EVP_PKEY_free(key);
    }

    void extend(int what, const char* value) {
        ::X509_EXTENSION* one = ::X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
        ::X509_add_ext(x509, one, -1);
        ::X509_EXTENSION_free(one);
    }

    /// Signs again, after a change.
    void sign(const certificate* issuer) {
        ::X509_sign(x509, issuer ? issuer->key : key, ::EVP_sha256());
    }

    /// Valid from and until so many seconds from now.
    void valid(long from, long until) {
        ::X509_gmtime_adj(::X509_getm_notBefore(x509), from);
        ::X509_gmtime_adj(::X509_getm_notAfter(x509), until);
    }

    /// Its time is over at `when`.
    void ends(std::time_t when) { ::ASN1_TIME_set(::X509_getm_notAfter(x509), when); }

    void write(const std::string& path, const std::string& key_path) const {
        std::FILE* file = std::fopen(path.c_str(), "w");
        ::PEM_write_X509(file, x509);
        std::fclose(file);
        file = std::fopen(key_path.c_str(), "w");
        ::PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
};

/// ca.pem, server.pem, server.key, client.pem, client.key and a stranger's in a folder.
template <typename Folder>
void write_certificates(const Folder& folder) {
    const certificate ca("test authority", nullptr), server("localhost", &ca),
        client("a client", &ca), stranger("a stranger", nullptr);
    ca.write(folder / "ca.pem", folder / "ca.key");
    server.write(folder / "server.pem", folder / "server.key");
    client.write(folder / "client.pem", folder / "client.key");
    stranger.write(folder / "stranger.pem", folder / "stranger.key");
}

class tls_peer {
  public:
    struct options {
        std::string certificate, key;
        int version = 0;     ///< exactly this one; 0: any
        std::string name;    ///< that the client asks for (SNI); empty: none
        std::string alpn;    ///< as TLS sends it; empty: none is offered
        std::string ciphers; ///< of TLS 1.2; empty: any
        /// An earlier session; nullptr: none.
        std::shared_ptr<::SSL_SESSION> session;

        options() = default;
    };

    tls_peer(peer over, const options& how) : over_(std::move(over)) {
        context_ = ::SSL_CTX_new(::TLS_client_method());
        if (how.version != 0) {
            // Old versions are refused by the client's own security level otherwise.
            ::SSL_CTX_set_security_level(context_, 0);
            ::SSL_CTX_set_min_proto_version(context_, how.version);
            ::SSL_CTX_set_max_proto_version(context_, how.version);
        }
        if (!how.certificate.empty()) {
            ::SSL_CTX_use_certificate_chain_file(context_, how.certificate.c_str());
            ::SSL_CTX_use_PrivateKey_file(context_, how.key.c_str(), SSL_FILETYPE_PEM);
        }
        if (!how.ciphers.empty())
            ::SSL_CTX_set_cipher_list(context_, how.ciphers.c_str());
        ssl_ = ::SSL_new(context_);
        ::SSL_set_fd(ssl_, over_.fd());
        if (!how.name.empty())
            ::SSL_set_tlsext_host_name(ssl_, how.name.c_str());
        ::SSL_set_alpn_protos(
            ssl_,
            reinterpret_cast<const unsigned char*>(how.alpn.data()),
            static_cast<unsigned>(how.alpn.size())
        );
        if (how.session)
            ::SSL_set_session(ssl_, how.session.get());
    }

    ~tls_peer() {
        ::SSL_free(ssl_);
        ::SSL_CTX_free(context_);
    }

    tls_peer(const tls_peer&) = delete;
    tls_peer& operator=(const tls_peer&) = delete;

    bool connect() { return ::SSL_connect(ssl_) == 1; }

    std::string version() const { return ::SSL_get_version(ssl_); }

    std::string cipher() const { return ::SSL_get_cipher_name(ssl_); }

    bool resumed() const { return ::SSL_session_reused(ssl_) == 1; }

    /// To be asked when something has been received: the ticket of TLS 1.3 comes before that.
    std::shared_ptr<::SSL_SESSION> session() const {
        return {::SSL_get1_session(ssl_), &::SSL_SESSION_free};
    }

    std::string alpn() const {
        const unsigned char* text = nullptr;
        unsigned size = 0;
        ::SSL_get0_alpn_selected(ssl_, &text, &size);
        return {reinterpret_cast<const char*>(text), size};
    }

    /// The common name in the certificate of the server.
    std::string shown() const {
        ::X509* found = ::SSL_get1_peer_certificate(ssl_);
        char text[100] = "";
        if (found)
            ::X509_NAME_get_text_by_NID(
                ::X509_get_subject_name(found), NID_commonName, text, sizeof text
            );
        ::X509_free(found);
        return text;
    }

    /// The alert that has ended the handshake: "unrecognized name"; empty: none.
    static std::string alert() {
        const char* text = ::ERR_reason_error_string(::ERR_peek_error());
        const std::string reason = text ? text : "";
        ::ERR_clear_error();
        for (const std::string before : {"alert ", "tlsv1 "})
            if (const std::size_t found = reason.find(before); found != reason.npos)
                return reason.substr(found + before.size());
        return "";
    }

    ::SSL* raw() const { return ssl_; }

    bool send(const std::string& text) {
        return ::SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0;
    }

    /// Text; "(end)" after a proper end, "(cut)" or "(error)" otherwise.
    std::string receive() {
        char into[65536];
        const int count = ::SSL_read(ssl_, into, sizeof into);
        if (count > 0)
            return std::string(into, static_cast<std::size_t>(count));
        const int why = ::SSL_get_error(ssl_, count);
        return why == SSL_ERROR_ZERO_RETURN ? "(end)"
               : why == SSL_ERROR_SYSCALL   ? "(cut)"
                                            : "(error)";
    }

    std::string receive_exactly(std::size_t size) {
        std::string all;
        while (all.size() < size) {
            const std::string more = receive();
            if (more.empty() || more[0] == '(')
                return all + more;
            all += more;
        }
        return all;
    }

    void end() { ::SSL_shutdown(ssl_); }

    peer& over() { return over_; }

  private:
    peer over_;
    ::SSL_CTX* context_ = nullptr;
    ::SSL* ssl_ = nullptr;
};

} // namespace support
