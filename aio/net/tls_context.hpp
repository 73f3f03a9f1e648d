#pragma once

// Certificates and rules of TLS, read once and shared by all connections of a server. Nothing of
// OpenSSL is touched before the first of these is made.

#include <aio/base/api.hpp>
#include <aio/net/tls_client.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;
struct bio_method_st;

namespace aio::net {

class pem_file;
class pem_files;
class tls_resumption;
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
    /// For clients. Reads the files as above.
    static std::shared_ptr<const tls_context> client(const tls_client_rules& from);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context();

    ::ssl_ctx_st* get() const noexcept { return context_; }

    const ::bio_method_st* method() const noexcept { return method_; }

    bool is_server() const noexcept { return end_ == tls_end::server; }

    /// Of a client: the sessions that its servers have handed out.
    tls_resumption* resumption() const noexcept { return resumption_.get(); }

    /// Of a client: the handshake fails when the server chooses no application protocol.
    bool requires_alpn() const noexcept { return requires_alpn_; }

  private:
    explicit tls_context(tls_end end);
    void limit(const std::string& least);
    void load(const std::string& certificate, const std::string& key, pem_files& files);
    void load_key(const pem_file& key, const pem_file& certificate, pem meant);
    void trust(const std::string& ca, pem_files& files);
    void trust_folder(const std::string& path, pem_files& files);
    bool trust_file(const std::string& path, const std::string& use, pem_files& files);
    void offer(const std::vector<std::string>& protocols);
    void resume();

    ::ssl_ctx_st* context_ = nullptr;
    ::bio_method_st* method_ = nullptr;
    std::unique_ptr<tls_resumption> resumption_;
    tls_end end_;
    bool requires_alpn_ = false;
};

} // namespace aio::net
