#include <aio/base/system_reason.hpp>
#include <aio/net/tls_reason.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace aio::net {

namespace {

struct first_error {
    int library = 0;
    int reason = 0;
    std::string words; ///< OpenSSL's own; empty: it has none
};

first_error look() {
    const unsigned long number = ::ERR_peek_error();
    const char* words = ::ERR_reason_error_string(number);
    return {ERR_GET_LIB(number), ERR_GET_REASON(number), words ? words : ""};
}

bool has_beginning_of(const std::string& text, pem meant) {
    if (meant == pem::key || meant == pem::certificate_and_key)
        return text.find("PRIVATE KEY-----") != text.npos;
    return text.find("-----BEGIN CERTIFICATE-----") != text.npos ||
           text.find("-----BEGIN X509 CERTIFICATE-----") != text.npos ||
           text.find("-----BEGIN TRUSTED CERTIFICATE-----") != text.npos;
}

using certificate = std::unique_ptr<::X509, decltype(&::X509_free)>;

certificate next_certificate(const pem_source& from) {
    return {::PEM_read_bio_X509_AUX(from.get(), nullptr, nullptr, nullptr), &::X509_free};
}

// OpenSSL asks the terminal unless there is a function to ask.
int no_password(char*, int, int, void*) noexcept {
    return -1;
}

/// The number of the first certificate that the key belongs to; 0: none.
int place_of_certificate(const pem_file& key_file, const pem_file& certificates) {
    const std::unique_ptr<::EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
        ::PEM_read_bio_PrivateKey(key_file.source().get(), nullptr, no_password, nullptr),
        &::EVP_PKEY_free
    );
    if (!key)
        return 0;
    const pem_source from = certificates.source();
    for (int place = 1;; ++place) {
        const certificate next = next_certificate(from);
        if (!next)
            return 0;
        if (::X509_check_private_key(next.get(), key.get()) == 1)
            return place;
    }
}

/// 0: not known.
int bits_of_first_certificate(const pem_file& file) {
    const certificate first = next_certificate(file.source());
    const ::EVP_PKEY* key = first ? ::X509_get0_pubkey(first.get()) : nullptr;
    return key ? ::EVP_PKEY_get_bits(key) : 0;
}

std::string too_short(const pem_file& file) {
    const int bits = bits_of_first_certificate(file);
    return bits == 0 ? "its key is too short for TLS"
                     : fmt::format("its key of {} bits is too short for TLS", bits);
}

// Certificates and keys that TLS does not take, although they can be read.
std::string refused(const pem_file& file, int reason) {
    switch (reason) {
    case SSL_R_EE_KEY_TOO_SMALL:
        return too_short(file);
    case SSL_R_CA_KEY_TOO_SMALL:
        return "a certificate of its chain has a key that is too short for TLS";
    case SSL_R_CA_MD_TOO_WEAK:
        return "it is signed with a digest that is too weak for TLS, such as SHA-1";
    case SSL_R_UNKNOWN_CERTIFICATE_TYPE:
        return "its kind of key is none that TLS can use";
    default:
        return {};
    }
}

bool is_absence(const first_error& why) noexcept {
    switch (why.library) {
    case ERR_LIB_PEM:
        return why.reason == PEM_R_NO_START_LINE;
    case ERR_LIB_X509:
        return why.reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND ||
               why.reason == X509_R_NO_CERTIFICATE_FOUND;
    default:
        return why.library == ERR_LIB_OSSL_DECODER && why.reason == ERR_R_UNSUPPORTED;
    }
}

std::string absence_of(pem meant) {
    switch (meant) {
    case pem::key:
        return "it holds no private key in PEM form";
    case pem::certificate_and_key:
        return "it holds no private key in PEM form, and tls_key names no other file";
    case pem::certificate:
    case pem::authorities:
        break;
    }
    return "it holds no certificate in PEM form";
}

std::string with_words(std::string_view text, const first_error& why) {
    return why.words.empty() ? std::string(text) : fmt::format("{} ({})", text, why.words);
}

// A file that was cut off may not have a whole block left, which looks like an absence.
std::string reason_of(const pem_file& file, pem meant, const first_error& why) {
    if (why.library == ERR_LIB_SYS)
        return base::system_reason(why.reason);
    std::string known = why.library == ERR_LIB_SSL ? refused(file, why.reason) : "";
    if (!known.empty())
        return known;
    const bool begins = has_beginning_of(file.text(), meant);
    if (is_absence(why) && !begins)
        return absence_of(meant);
    const bool unreadable = is_absence(why) || why.library == ERR_LIB_PEM ||
                            why.library == ERR_LIB_ASN1 || why.library == ERR_LIB_OSSL_DECODER;
    const bool damaged = begins && unreadable;
    return with_words(damaged ? "it is damaged or cut off" : "OpenSSL refuses it", why);
}

} // namespace

std::string tls_reason(const pem_file& file, pem meant) {
    const first_error why = look();
    const std::string text = reason_of(file, meant, why);
    ::ERR_clear_error(); // a look into the text may have left errors, too
    return text;
}

bool holds_certificate(const pem_file& file) noexcept {
    return has_beginning_of(file.text(), pem::authorities) ||
           file.text().find("-----BEGIN X509 CRL-----") != std::string::npos;
}

std::string tls_mismatch(const pem_file& key, const pem_file& certificate) {
    const int place = place_of_certificate(key, certificate);
    ::ERR_clear_error();
    const std::string text = fmt::format(
        "the key {} does not belong to the certificate {}", key.path(), certificate.path()
    );
    return place < 2
               ? text
               : fmt::format(
                     "{}, but to number {} in that file, which has to be the first", text, place
                 );
}

bool is_mismatch() noexcept {
    const unsigned long number = ::ERR_peek_error();
    const int library = ERR_GET_LIB(number), reason = ERR_GET_REASON(number);
    if (library == ERR_LIB_X509)
        return reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH;
    return library == ERR_LIB_SSL && reason == SSL_R_NO_CERTIFICATE_ASSIGNED;
}

} // namespace aio::net
