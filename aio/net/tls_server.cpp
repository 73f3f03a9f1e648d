#include <aio/base/text.hpp>
#include <aio/net/certificate.hpp>
#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_server.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/tls_tickets.hpp>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <span>
#include <string_view>
#include <utility>

namespace aio::net {

namespace {

const tls_server_part& part_of(void* argument) noexcept {
    return *static_cast<const tls_server_part*>(argument);
}

/// Called once for each handshake, with and without a name, also when a session is resumed.
int choose_certificate(::SSL* ssl, int* alert, void* argument) noexcept {
    const tls_server_part& by = part_of(argument);
    const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    try {
        if (const auto found = name ? by.choice.find(name) : std::nullopt) {
            ::SSL_set_SSL_CTX(ssl, by.by_group[*found]);
            return SSL_TLSEXT_ERR_OK;
        }
    } catch (const std::exception&) { // no memory
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    if (by.unknown == unknown_name::first)
        return SSL_TLSEXT_ERR_NOACK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Called when the client offers protocols.
int choose_protocol(
    ::SSL*,
    const unsigned char** chosen,
    unsigned char* size,
    const unsigned char* offered,
    unsigned offered_size,
    void* argument
) noexcept {
    const std::string_view offer(reinterpret_cast<const char*>(offered), offered_size);
    const auto made = choose_alpn(part_of(argument).alpn, offer);
    if (!made)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = reinterpret_cast<const unsigned char*>(made->data());
    *size = static_cast<unsigned char>(made->size());
    return SSL_TLSEXT_ERR_OK;
}

/// Called before anything is chosen: only here it is seen that a client offers no protocol.
int require_protocol(::SSL* ssl, int* alert, void*) noexcept {
    constexpr unsigned alpn = TLSEXT_TYPE_application_layer_protocol_negotiation;
    const unsigned char* text = nullptr;
    std::size_t size = 0;
    if (::SSL_client_hello_get0_ext(ssl, alpn, &text, &size) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

bool set_mac(::EVP_MAC_CTX* into, const ticket_key& key) noexcept {
    auto bytes = key.mac;
    char digest[] = "SHA256";
    const ::OSSL_PARAM params[] = {
        ::OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes.data(), bytes.size()),
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        ::OSSL_PARAM_construct_end()
    };
    return ::EVP_MAC_CTX_set_params(into, params) == 1;
}

// Without a ticket the handshake goes on, so a failure is none of it: 0.
int seal_ticket(
    tls_tickets& by,
    base::duration now,
    unsigned char* name,
    unsigned char* iv,
    ::EVP_CIPHER_CTX* cipher,
    ::EVP_MAC_CTX* mac
) {
    const ticket_key key = by.seal(now);
    const bool good =
        ::RAND_bytes(iv, 16) == 1 &&
        ::EVP_EncryptInit_ex2(cipher, ::EVP_aes_256_cbc(), key.cipher.data(), iv, nullptr) == 1 &&
        set_mac(mac, key);
    if (!good)
        return 0;
    std::ranges::copy(key.name, name);
    return 1;
}

// With TLS 1.3 a client uses a ticket once (RFC 8446, C.4), so it always gets a new one.
int open_ticket(
    const tls_tickets& by,
    base::duration now,
    bool once,
    const unsigned char* name,
    const unsigned char* iv,
    ::EVP_CIPHER_CTX* cipher,
    ::EVP_MAC_CTX* mac
) {
    constexpr int unknown = 0, good = 1, good_and_renew = 2;
    const auto found = by.open(std::span<const unsigned char, 16>(name, 16), now);
    if (!found ||
        ::EVP_DecryptInit_ex2(cipher, ::EVP_aes_256_cbc(), found->key.cipher.data(), iv, nullptr) !=
            1 ||
        !set_mac(mac, found->key))
        return unknown;
    return found->newest && !once ? good : good_and_renew;
}

int on_ticket(
    ::SSL* ssl,
    unsigned char* name,
    unsigned char* iv,
    ::EVP_CIPHER_CTX* cipher,
    ::EVP_MAC_CTX* mac,
    int sealing
) noexcept {
    const auto& session = *static_cast<const tls_session*>(SSL_get_app_data(ssl));
    tls_tickets& by = *session.rules().serves().tickets;
    const bool once = ::SSL_version(ssl) >= TLS1_3_VERSION;
    try {
        return sealing ? seal_ticket(by, session.now(), name, iv, cipher, mac)
                       : open_ticket(by, session.now(), once, name, iv, cipher, mac);
    } catch (const std::exception&) { // no memory, no randomness
        return 0;
    }
}

/// The names of a host and of an address are the same in any case.
bool same_name(std::string_view left, std::string_view right) {
    const bool host = left.find_first_of("@:/") == left.npos;
    return host ? base::equal_ignoring_case(left, right) : left == right;
}

std::string common_name(const ::X509* from) {
    const ::X509_NAME* subject = ::X509_get_subject_name(from);
    const int place = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const ::X509_NAME_ENTRY* entry = place < 0 ? nullptr : ::X509_NAME_get_entry(subject, place);
    unsigned char* text = nullptr;
    const int size = entry ? ::ASN1_STRING_to_UTF8(&text, ::X509_NAME_ENTRY_get_data(entry)) : -1;
    std::string made;
    if (size > 0)
        made.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    ::OPENSSL_free(text);
    return made;
}

} // namespace

void tls_server_part::attach(::SSL_CTX* target) {
    void* const self = this;
    SSL_CTX_set_tlsext_servername_callback(target, &choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(target, self);
    if (!alpn.empty())
        ::SSL_CTX_set_alpn_select_cb(target, &choose_protocol, self);
    if (requires_alpn)
        ::SSL_CTX_set_client_hello_cb(target, &require_protocol, self);
    ::SSL_CTX_set_session_cache_mode(target, SSL_SESS_CACHE_OFF);
    if (tickets) {
        ::SSL_CTX_set_num_tickets(target, 1);
        ::SSL_CTX_set_tlsext_ticket_key_evp_cb(target, &on_ticket);
        return;
    }
    ::SSL_CTX_set_num_tickets(target, 0);
    ::SSL_CTX_set_options(target, SSL_OP_NO_TICKET);
}

// A certificate without any name of its own is known by its subject.
bool tls_server_part::admits(const ::X509* client) const {
    const certificate shown = read_certificate(client);
    const auto permitted = [this](const auto& matches) {
        return std::ranges::any_of(client_names, matches);
    };
    if (shown.names.empty()) {
        const std::string name = common_name(client);
        return !name.empty() && permitted([&](const std::string& each) { return each == name; });
    }
    return std::ranges::any_of(shown.names, [&](const std::string& name) {
        return permitted([&](const std::string& each) { return same_name(name, each); });
    });
}

} // namespace aio::net
