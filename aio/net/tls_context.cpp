#include <aio/base/system_reason.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_reason.hpp>
#include <aio/net/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

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

// What the system says about a file is worth more than OpenSSL's "system lib" or "PEM lib".
void check_readable(const std::string& path, const std::string& name) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed))
        failed = std::make_error_code(std::errc::is_a_directory);
    else if (::access(path.c_str(), R_OK) != 0)
        failed.assign(errno, std::generic_category());
    else
        failed.clear();
    if (failed)
        throw base::system_failure(failed.value(), name);
}

// OpenSSL would ask the terminal, and the whole app with all its signals would wait for an answer.
int no_password(char*, int, int, void* asked) noexcept {
    *static_cast<bool*>(asked) = true;
    return -1;
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

tls_context::tls_context(bool server) : server_(server) {
    ::ERR_clear_error(); // other code on the thread may have left errors
    context_ = ::SSL_CTX_new(server ? ::TLS_server_method() : ::TLS_client_method());
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

void tls_context::load(const tls_options& from) {
    if (from.certificate.empty())
        return;
    const std::string certificate = "cannot use the certificate " + from.certificate;
    check_readable(from.certificate, certificate);
    bool asked = false;
    ::SSL_CTX_set_default_passwd_cb(context_, no_password);
    ::SSL_CTX_set_default_passwd_cb_userdata(context_, &asked);
    if (::SSL_CTX_use_certificate_chain_file(context_, from.certificate.c_str()) != 1)
        refuse(certificate + ": " + tls_reason(from.certificate, pem::certificate));
    load_key(from, asked);
    ::SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr);
}

// A key of the certificate's kind is compared when it is loaded, any other one only afterwards.
void tls_context::load_key(const tls_options& from, const bool& asked) {
    const std::string& file = from.key.empty() ? from.certificate : from.key;
    const std::string key = "cannot use the key " + file;
    check_readable(file, key);
    if (::SSL_CTX_use_PrivateKey_file(context_, file.c_str(), SSL_FILETYPE_PEM) == 1 &&
        ::SSL_CTX_check_private_key(context_) == 1)
        return;
    if (asked)
        refuse(key + ": it is encrypted, and nobody can be asked for its password");
    if (is_mismatch())
        refuse(tls_mismatch(file, from.certificate));
    refuse(key + ": " + tls_reason(file, from.key.empty() ? pem::certificate_and_key : pem::key));
}

void tls_context::trust(const tls_options& from) {
    if (from.ca.empty()) {
        if (::SSL_CTX_set_default_verify_paths(context_) != 1)
            fail("cannot read the system's certificates");
        return;
    }
    const std::string authorities = "cannot use the certificates in " + from.ca;
    check_readable(from.ca, authorities);
    if (::SSL_CTX_load_verify_locations(context_, from.ca.c_str(), nullptr) != 1)
        refuse(authorities + ": " + tls_reason(from.ca, pem::authorities));
    if (auto* names = ::SSL_load_client_CA_file(from.ca.c_str()); names && server_)
        ::SSL_CTX_set_client_CA_list(context_, names);
    else
        ::sk_X509_NAME_pop_free(names, ::X509_NAME_free);
}

std::shared_ptr<const tls_context> tls_context::server(const tls_options& from) {
    std::shared_ptr<tls_context> made(new tls_context(true));
    made->limit(from);
    made->load(from);
    if (from.client == client_certificate::none)
        return made;
    made->trust(from);
    const int must =
        from.client == client_certificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER | must, nullptr);
    return made;
}

std::shared_ptr<const tls_context> tls_context::client(const tls_options& from) {
    std::shared_ptr<tls_context> made(new tls_context(false));
    made->limit(from);
    made->load(from);
    made->trust(from);
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER, nullptr);
    return made;
}

} // namespace aio::net
