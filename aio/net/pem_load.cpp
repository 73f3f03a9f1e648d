#include <aio/net/pem_load.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace aio::net {

namespace {

using certificate = std::unique_ptr<::X509, decltype(&::X509_free)>;

// OpenSSL would ask the terminal, and the whole app with all its signals would wait for an answer.
int no_password(char*, int, int, void* asked) noexcept {
    if (asked)
        *static_cast<bool*>(asked) = true;
    return -1;
}

/// The last error says that there is no further block in the text.
bool is_at_end() noexcept {
    const unsigned long number = ::ERR_peek_last_error();
    return ERR_GET_LIB(number) == ERR_LIB_PEM && ERR_GET_REASON(number) == PEM_R_NO_START_LINE;
}

void add_name(::SSL_CTX* context, ::X509* authority) noexcept {
    ::X509_NAME* const name = ::X509_get_subject_name(authority);
    const auto* all = ::SSL_CTX_get_client_CA_list(context);
    for (int i = 0; all && i < sk_X509_NAME_num(all); ++i)
        if (::X509_NAME_cmp(sk_X509_NAME_value(all, i), name) == 0)
            return;
    ::SSL_CTX_add_client_CA(context, authority);
}

// OpenSSL looks at no list by itself. It looks for that of the issuer of each peer from now on, and
// refuses a peer without one.
bool obey(::SSL_CTX* context, ::X509_STORE* store, ::X509_CRL* list) noexcept {
    return ::X509_STORE_add_crl(store, list) == 1 &&
           ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(context), X509_V_FLAG_CRL_CHECK) == 1;
}

void free_all(STACK_OF(X509_INFO) * all) noexcept {
    sk_X509_INFO_pop_free(all, ::X509_INFO_free);
}

} // namespace

bool use_chain(::SSL_CTX* context, const pem_file& file) noexcept {
    ::ERR_clear_error();
    const pem_source from = file.source();
    const certificate first(
        ::PEM_read_bio_X509_AUX(from.get(), nullptr, no_password, nullptr), &::X509_free
    );
    if (!first || ::SSL_CTX_use_certificate(context, first.get()) != 1 || ::ERR_peek_error() != 0)
        return false;
    ::SSL_CTX_clear_chain_certs(context);
    for (;;) {
        certificate next(
            ::PEM_read_bio_X509(from.get(), nullptr, no_password, nullptr), &::X509_free
        );
        if (!next)
            break;
        if (::SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return false;
        static_cast<void>(next.release()); // the context has it
    }
    const bool whole = is_at_end();
    if (whole)
        ::ERR_clear_error();
    return whole;
}

key_result use_key(::SSL_CTX* context, const pem_file& file) noexcept {
    bool asked = false;
    const std::unique_ptr<::EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
        ::PEM_read_bio_PrivateKey(file.source().get(), nullptr, no_password, &asked),
        &::EVP_PKEY_free
    );
    if (key && ::SSL_CTX_use_PrivateKey(context, key.get()) == 1)
        return key_result::used;
    return asked ? key_result::encrypted : key_result::refused;
}

bool trust_all(::SSL_CTX* context, const pem_file& file, tls_end end) noexcept {
    const std::unique_ptr<STACK_OF(X509_INFO), decltype(&free_all)> all(
        ::PEM_X509_INFO_read_bio(file.source().get(), nullptr, no_password, nullptr), &free_all
    );
    ::X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
    int found = 0;
    for (int i = 0; all && i < sk_X509_INFO_num(all.get()); ++i) {
        const ::X509_INFO* each = sk_X509_INFO_value(all.get(), i);
        if (each->x509) {
            if (::X509_STORE_add_cert(store, each->x509) != 1)
                return false;
            if (end == tls_end::server)
                add_name(context, each->x509);
        }
        if (each->crl && !obey(context, store, each->crl))
            return false;
        found += each->x509 || each->crl;
    }
    if (all && found == 0)
        ERR_raise(ERR_LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND);
    return found != 0;
}

} // namespace aio::net
