#include <aio/base/system_reason.hpp>
#include <aio/net/pem_load.hpp>
#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_rights.hpp>
#include <aio/net/tls_setup.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

namespace aio::net {

namespace {

int version_of(const std::string& text) {
    if (text == "1.2")
        return TLS1_2_VERSION;
    if (text == "1.3")
        return TLS1_3_VERSION;
    throw std::runtime_error("TLS " + text + " is not supported, only 1.2 and 1.3");
}

} // namespace

void free_ssl_context::operator()(::SSL_CTX* context) const noexcept {
    ::SSL_CTX_free(context);
}

// The first error is the cause; the later ones say what it has kept from being done: "PEM lib".
void fail_tls(const std::string& name) {
    const unsigned long number = ::ERR_peek_error();
    const char* reason = number ? ::ERR_reason_error_string(number) : nullptr;
    ::ERR_clear_error();
    if (ERR_GET_REASON(number) == ERR_R_MALLOC_FAILURE)
        throw base::system_failure(ENOMEM, name);
    throw std::runtime_error(reason ? name + ": " + reason : name);
}

void refuse_tls(const std::string& why) {
    ::ERR_clear_error();
    throw std::runtime_error(why);
}

tls_setup::tls_setup(tls_end end, pem_files& files) : end_(end), files_(files) {
    ::ERR_clear_error(); // other code on the thread may have left errors
    const bool serves = end_ == tls_end::server;
    context_.reset(::SSL_CTX_new(serves ? ::TLS_server_method() : ::TLS_client_method()));
    if (!context_)
        fail_tls("cannot set up TLS");
    ::SSL_CTX_set_mode(
        get(),
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS
    );
    ::SSL_CTX_set_options(get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

void tls_setup::limit(const std::string& least) {
    if (::SSL_CTX_set_min_proto_version(get(), version_of(least)) != 1)
        fail_tls("cannot set the minimum TLS version");
}

void tls_setup::load(const certificate_files& from) {
    const std::string use = "cannot use the certificate " + from.certificate;
    const pem_file& certificate = files_.read(from.certificate, use);
    if (!use_chain(get(), certificate))
        refuse_tls(use + ": " + tls_reason(certificate, pem::certificate));
    if (from.key.empty())
        return load_key(certificate, certificate, pem::certificate_and_key);
    const pem_file& key = files_.read(from.key, "cannot use the key " + from.key);
    load_key(key, certificate, pem::key);
}

// A key of the certificate's kind is compared when it is loaded, any other one only afterwards.
void tls_setup::load_key(const pem_file& key, const pem_file& certificate, pem meant) {
    const std::string use = "cannot use the key " + key.path();
    if (const std::string why = distrusted(key.path()); !why.empty())
        refuse_tls(use + ": " + why);
    const key_result result = use_key(get(), key);
    if (result == key_result::used && ::SSL_CTX_check_private_key(get()) == 1)
        return;
    if (result == key_result::encrypted)
        refuse_tls(use + ": it is encrypted, and nobody can be asked for its password");
    if (is_mismatch())
        refuse_tls(tls_mismatch(key, certificate));
    refuse_tls(use + ": " + tls_reason(key, meant));
}

bool tls_setup::trust_file(const std::string& path, const std::string& use) {
    if (const std::string why = distrusted(path); !why.empty())
        refuse_tls(use + ": " + why);
    const pem_file& authorities = files_.read(path, use);
    trusted_ += authorities.text();
    ::ERR_clear_error();
    if (trust_all(get(), authorities, end_))
        return true;
    if (::ERR_peek_error() != 0 && !holds_certificate(authorities))
        return false;
    refuse_tls(use + ": " + tls_reason(authorities, pem::authorities));
}

void tls_setup::trust_folder(const std::string& path) {
    const std::string use = "cannot use the certificates in " + path;
    if (const std::string why = distrusted(path); !why.empty())
        refuse_tls(use + ": " + why);
    std::error_code failed;
    std::vector<std::string> found;
    for (std::filesystem::directory_iterator each(path, failed), end; !failed && each != end;
         each.increment(failed))
        if (std::error_code ignored; each->is_regular_file(ignored))
            found.push_back(each->path().string());
    if (failed)
        throw base::system_failure(failed.value(), use);
    std::ranges::sort(found);
    bool any = false;
    for (const std::string& file : found)
        any |= trust_file(file, "cannot use the certificates in " + file);
    if (!any)
        refuse_tls(use + ": no file in it holds a certificate in PEM form");
    ::ERR_clear_error();
}

void tls_setup::trust(const std::string& ca) {
    if (ca.empty()) {
        if (::SSL_CTX_set_default_verify_paths(get()) != 1)
            fail_tls("cannot read the system's certificates");
        return;
    }
    // A client trusts those that the user names themselves, also when another authority has signed
    // them. The clients of a server have to come from an authority that signs itself: otherwise a
    // certificate of another client in the file would admit that client.
    if (end_ == tls_end::client)
        ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(get()), X509_V_FLAG_PARTIAL_CHAIN);
    std::error_code ignored;
    if (std::filesystem::is_directory(ca, ignored))
        return trust_folder(ca);
    if (!trust_file(ca, "cannot use the certificates in " + ca))
        refuse_tls(
            "cannot use the certificates in " + ca + ": it holds no certificate in PEM form"
        );
}

// SSL_CTX_set_alpn_protos() returns 0 for success.
void tls_setup::offer(const std::vector<std::string>& protocols) {
    const std::string wire = alpn_wire(protocols);
    const auto* bytes = reinterpret_cast<const unsigned char*>(wire.data());
    if (!wire.empty() &&
        ::SSL_CTX_set_alpn_protos(get(), bytes, static_cast<unsigned>(wire.size())) != 0)
        fail_tls("cannot set the application protocols (ALPN)");
}

// A session of TLS may be resumed only where the first handshake would have come to the same.
void tls_setup::name_sessions(const std::string& text) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (::EVP_Digest(text.data(), text.size(), sum, &size, ::EVP_sha256(), nullptr) != 1 ||
        ::SSL_CTX_set_session_id_context(get(), sum, size) != 1)
        fail_tls("cannot name the sessions of TLS");
}

} // namespace aio::net
