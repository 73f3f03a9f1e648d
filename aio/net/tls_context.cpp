#include <aio/base/system_reason.hpp>
#include <aio/net/pem_file.hpp>
#include <aio/net/pem_load.hpp>
#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_reason.hpp>
#include <aio/net/tls_resumption.hpp>
#include <aio/net/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
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

void tls_context::limit(const std::string& least) {
    if (::SSL_CTX_set_min_proto_version(context_, version_of(least)) != 1)
        fail("cannot set the minimum TLS version");
}

void tls_context::load(
    const std::string& certificate_path, const std::string& key_path, pem_files& files
) {
    if (certificate_path.empty())
        return;
    const std::string use = "cannot use the certificate " + certificate_path;
    const pem_file& certificate = files.read(certificate_path, use);
    if (!use_chain(context_, certificate))
        refuse(use + ": " + tls_reason(certificate, pem::certificate));
    if (key_path.empty())
        return load_key(certificate, certificate, pem::certificate_and_key);
    const pem_file& key = files.read(key_path, "cannot use the key " + key_path);
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

bool tls_context::trust_file(const std::string& path, const std::string& use, pem_files& files) {
    const pem_file& authorities = files.read(path, use);
    ::ERR_clear_error();
    if (trust_all(context_, authorities, end_))
        return true;
    if (::ERR_peek_error() != 0 && !holds_certificate(authorities))
        return false;
    refuse(use + ": " + tls_reason(authorities, pem::authorities));
}

void tls_context::trust_folder(const std::string& path, pem_files& files) {
    const std::string use = "cannot use the certificates in " + path;
    std::error_code failed;
    std::vector<std::string> found;
    for (std::filesystem::directory_iterator each(path, failed), end; !failed && each != end;
         each.increment(failed))
        if (std::error_code ignored; each->is_regular_file(ignored))
            found.push_back(each->path().string());
    if (failed)
        refuse(use + ": " + base::system_reason(failed.value()));
    std::ranges::sort(found);
    bool any = false;
    for (const std::string& file : found)
        any |= trust_file(file, "cannot use the certificates in " + file, files);
    if (!any)
        refuse(use + ": no file in it holds a certificate in PEM form");
    ::ERR_clear_error();
}

void tls_context::trust(const std::string& ca, pem_files& files) {
    if (ca.empty()) {
        if (::SSL_CTX_set_default_verify_paths(context_) != 1)
            fail("cannot read the system's certificates");
        return;
    }
    // Those that the user names are trusted themselves, also when another authority has signed
    // them.
    ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(context_), X509_V_FLAG_PARTIAL_CHAIN);
    std::error_code ignored;
    if (std::filesystem::is_directory(ca, ignored))
        return trust_folder(ca, files);
    if (!trust_file(ca, "cannot use the certificates in " + ca, files))
        refuse("cannot use the certificates in " + ca + ": it holds no certificate in PEM form");
}

// SSL_CTX_set_alpn_protos() returns 0 for success.
void tls_context::offer(const std::vector<std::string>& protocols) {
    const std::string wire = alpn_wire(protocols);
    const auto* bytes = reinterpret_cast<const unsigned char*>(wire.data());
    if (!wire.empty() &&
        ::SSL_CTX_set_alpn_protos(context_, bytes, static_cast<unsigned>(wire.size())) != 0)
        fail("cannot set the application protocols (ALPN)");
}

void tls_context::resume() {
    resumption_ = std::make_unique<tls_resumption>();
    ::SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    ::SSL_CTX_sess_set_new_cb(context_, &tls_session::on_new_session);
}

std::shared_ptr<const tls_context> tls_context::server(const tls_options& from) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::server));
    made->limit(from.least);
    pem_files files;
    made->load(from.certificate, from.key, files);
    if (from.client == client_certificate::none)
        return made;
    made->trust(from.ca, files);
    const int must =
        from.client == client_certificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER | must, &tls_session::on_verify);
    return made;
}

std::shared_ptr<const tls_context> tls_context::client(const tls_client_rules& from) {
    std::shared_ptr<tls_context> made(new tls_context(tls_end::client));
    made->limit(from.least);
    pem_files files;
    made->load(from.certificate, from.key, files);
    made->offer(from.alpn);
    made->requires_alpn_ = !from.alpn.empty() && from.chosen == tls_alpn::required;
    made->resume();
    if (from.verify == tls_verify::no)
        return made;
    made->trust(from.ca, files);
    ::SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER, &tls_session::on_verify);
    return made;
}

} // namespace aio::net
