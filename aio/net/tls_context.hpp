#pragma once

// Certificates and rules of TLS, read once and shared by all connections of a server. Nothing of
// OpenSSL is touched before the first of these is made.

#include <aio/base/api.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;
struct bio_method_st;

namespace aio::net {

class pem_file;
class pem_files;
enum class pem;

enum class client_certificate { none, request, require };

struct tls_options {
    std::string certificate; ///< PEM, followed by the chain
    std::string key;         ///< PEM; empty: in the certificate's file
    std::string ca;          ///< PEM; authorities that may sign the peer's certificate
    client_certificate client = client_certificate::none;
    std::string least = "1.2"; ///< "1.2" or "1.3"

    tls_options() = default;
};

/// An end of a connection.
enum class tls_end { server, client };

class AIO_API tls_context {
  public:
    /// Reads the files. Throws std::runtime_error that names the file and what is wrong with it.
    static std::shared_ptr<const tls_context> server(const tls_options& from);
    /// For clients: verifies the server's certificate. A tls_session of it also verifies the name.
    static std::shared_ptr<const tls_context> client(const tls_options& from);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context();

    ::ssl_ctx_st* get() const noexcept { return context_; }

    const ::bio_method_st* method() const noexcept { return method_; }

    bool is_server() const noexcept { return end_ == tls_end::server; }

  private:
    explicit tls_context(tls_end end);
    void limit(const tls_options& from);
    void load(const tls_options& from, pem_files& files);
    void load_key(const pem_file& key, const pem_file& certificate, pem meant);
    void trust(const tls_options& from, pem_files& files);

    ::ssl_ctx_st* context_ = nullptr;
    ::bio_method_st* method_ = nullptr;
    tls_end end_;
};

} // namespace aio::net
