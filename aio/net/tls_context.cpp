#include <aio/net/pem_file.hpp>
#include <aio/net/pem_load.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_reason.hpp>
#include <aio/net/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace aio::net {

namespace {

// The first error is the cause; the later ones say what it has kept from being done: "PEM lib".
[[noreturn]] void fail(const std::string& name) {
    const unsigned long number = ::ERR_peek_error();
    const char* reason = number ? ::ERR_reason_error_string(number) : nullptr;
    ::ERR_clear_error();
    throw std::runtime_error(reason ? name + ": " + reason : name);
}

[[noreturn]] void refuse(const std::string& why) {
    ::ERR_clear_error();
    throw std::runtime_error(why);
}

int version_of(const std::string& text) {
    if (text == "1.2")
        return TLS1_2_VERSION;
    if (text == "1.3")
        return TLS1_3_VERSION;
    throw std::runtime_error("TLS " + text + " is not supported, only 1.2 and 1.3");
}

constexpr unsigned char session_context[] = "aio";

} // namespace

tls_context::tls_context(tls_end end) : end_(end) {
    ::ERR_clear_error(); // other code on the thread may have left errors
    context_ = ::SSL_CTX_new(is_server() ? ::TLS_server_method() : ::TLS_client_method());
    method_ = ::BIO_meth_new(BIO_TYPE_SOURCE_SINK, "aio connection");
    if (!context_ || !method_)
        fail("cannot set up TLS");
    ::BIO_meth_set_write_ex(method_, &tls_session::bio_write);
    ::BIO_meth_set_read_ex(method_, &tls_session::bio_read);
    ::BIO_meth_set_ctrl(method_, &tls_session::bio_control);
    ::SSL_CTX_set_mode(
        context_,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS
    );
    ::SSL_CTX_set_options(
        context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    ::SSL_CTX_set_session_id_context(context_, session_context, sizeof session_context - 1);
}

tls_context::~tls_context() {
    ::SSL_CTX_free(context_);
    ::BIO_meth_free(method_);
}

void tls_context::limit(const tls_options& from) {
    if (::SSL_CTX_set_min_proto_version(context_, version_of(from.least)) != 1)
        fail("cannot set the minimum TLS version");
}

void tls_context::load(const tls_options& from, pem_files& files) {
    if (from.certificate.empty())
        return;
    const std::string use = "cannot use the certificate " + from.certificate;
    const pem_file& certificate = files.read(from.certificate, use);
    if (!use_chain(context_, certificate))
        refuse(use + ": " + tls_reason(certificate, pem::certificate));
    if (from.key.empty())
        return load_key(certificate, certificate, pem::certificate_and_key);
    const pem_file& key = files.read(from.key, "cannot use the key " + from.key);
    load_key(key, certificate, pem::key);
}

// A key of the certificate's kind is compared when it is loaded, any other one only afterwards.
void tls_context::load_key(const pem_file& key, const pem_file& certificate, pem meant) {
    const std::string use = "cannot use the key " + key.path();
    const key_result result = use_key(context_, key);
    if (result == key_result::used && ::SSL_CTX_check_private_key(context_) == 1)
        return;
    if (result == key_result::encrypted)
        refuse(use + ": it is encrypted, and nobody can be asked for its password");
    if (is_mismatch())
        refuse(tls_mismatch(key, certificate));
    refuse(use + ": " + tls_reason(key, meant));
}

void tls_context::trust(const tls_options& from, pem_files& files) {
    if (from.ca.empty()) {
        if (::SSL_CTX_set_default_verify_paths(context_) != 1)
            fail("cannot read the system's certificates");
        return;
    }
    const std::string use = "cannot use the certificates in " + from.ca;
    const pem_file& authorities = files.read(from.ca, use);
    ::ERR_clear_error();
    if (!trust_all(context_, authorities, end_))
        refuse(use + ": " + tls_reason(authorities, pem::authorities));
}

std::shared_ptr<const tls_context> tls_context::server(const tls_options& from) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::server));
    made->limit(from);
    pem_files files;
    made->load(from, files);
    if (from.client == client_certificate::none)
        return made;
    made->trust(from, files);
    const int must =
        from.client == client_certificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER | must, nullptr);
    return made;
}

std::shared_ptr<const tls_context> tls_context::client(const tls_options& from) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::client));
    made->limit(from);
    pem_files files;
    made->load(from, files);
    made->trust(from, files);
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER, nullptr);
    return made;
}

} // namespace aio::net
