#pragma once

// Certificates and rules of TLS, read once and shared by all connections of a server. Nothing of
// OpenSSL is touched before the first of these is made.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/tls_client.hpp>
#include <aio/net/tls_policy.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct ssl_ctx_st;
struct bio_method_st;

namespace aio::net {

class pem_files;
class tls_common;
class tls_resumption;
class tls_setup;
struct tls_server_part;

enum class client_certificate { none, request, require };

/// What becomes of a client whose name (SNI) no certificate has.
enum class unknown_name : std::uint8_t {
    first,  ///< it is shown the first certificate
    refused ///< and so is a client that says no name
};

struct certificate_files {
    std::string certificate; ///< PEM, followed by the chain
    std::string key;         ///< PEM; empty: in the certificate's file

    friend bool operator==(const certificate_files&, const certificate_files&) = default;
};

struct AIO_API tls_options {
    std::string certificate; ///< PEM, followed by the chain
    std::string key;         ///< PEM; empty: in the certificate's file
    /// Further certificates. A client is shown the one that has its name, exactly before by a
    /// wildcard, else the first.
    std::vector<certificate_files> others;
    unknown_name unknown = unknown_name::first;
    /// Authorities that may sign the certificates of clients: a PEM file, or a folder of them.
    std::string ca;
    client_certificate client = client_certificate::none;
    /// Who of those whom the authorities have signed may come; empty: all.
    std::vector<std::string> client_names;
    std::string least = "1.2"; ///< "1.2" or "1.3"
    tls_policy policy = tls_policy::intermediate;
    cipher_names ciphers; ///< in place of those of the policy
    std::string groups;   ///< the same, in OpenSSL's form of a list
    /// Application protocols, the preferred one first. A client that offers none of them is
    /// refused.
    std::vector<std::string> alpn;
    tls_alpn chosen = tls_alpn::offered; ///< offered: a client may offer none at all
    /// How long a session may be resumed, and how often the keys of its tickets are turned;
    /// nothing: none is resumed.
    std::optional<base::duration> tickets = std::chrono::hours(12);
    std::string ticket_keys; ///< a file with keys that several processes share; empty: own ones

    tls_options() = default;

    /// Those that are named, the first one first.
    std::vector<certificate_files> certificates() const;
    /// All files that are read.
    std::vector<std::string> files() const;
};

/// An end of a connection.
enum class tls_end { server, client };

struct AIO_API free_ssl_context {
    void operator()(::ssl_ctx_st* context) const noexcept;
};

using ssl_context = std::unique_ptr<::ssl_ctx_st, free_ssl_context>;

class AIO_API tls_context {
  public:
    /// Reads the files. `shared`: of the app; nullptr: it shares nothing.
    /// Throws std::runtime_error that names the file and what is wrong with it.
    static std::shared_ptr<const tls_context>
    server(const tls_options& from, tls_common* shared = nullptr);
    /// For clients. Reads the files as above.
    static std::shared_ptr<const tls_context> client(const tls_client_rules& from);

    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context();

    ::ssl_ctx_st* get() const noexcept { return contexts_.front().get(); }

    const ::bio_method_st* method() const noexcept { return method_; }

    bool is_server() const noexcept { return end_ == tls_end::server; }

    /// Of a client: the sessions that its servers have handed out.
    tls_resumption* resumption() const noexcept { return resumption_.get(); }

    /// Of a client: the handshake fails when the server chooses no application protocol.
    bool requires_alpn() const noexcept { return requires_alpn_; }

    /// Of a server.
    const tls_server_part& serves() const noexcept { return *serves_; }

    /// A certificate of a server.
    struct shown {
        std::string path;
        std::chrono::system_clock::time_point not_after;
        bool never = false; ///< others with its names come before it
    };

    /// Those of a server, in the order of its options.
    const std::vector<shown>& certificates() const noexcept { return shown_; }

  private:
    explicit tls_context(tls_end end);
    void take_certificates(const tls_options& from, pem_files& files);
    void configure(const tls_options& from, tls_setup& target) const;

    std::vector<ssl_context> contexts_; ///< of a server: one for each group of certificates
    ::bio_method_st* method_ = nullptr;
    std::unique_ptr<tls_resumption> resumption_;
    std::unique_ptr<tls_server_part> serves_;
    std::vector<shown> shown_;
    tls_end end_;
    bool requires_alpn_ = false;
};

/// The context that the next connection of a server uses. It is replaced when the files have
/// changed; connections keep theirs. From any thread. A lock is taken rather than
/// std::atomic<std::shared_ptr>, which is a lock as well, and one that TSan does not know.
class current_tls {
  public:
    explicit current_tls(std::shared_ptr<const tls_context> first) : now_(std::move(first)) {}

    std::shared_ptr<const tls_context> get() const {
        const std::lock_guard lock(guard_);
        return now_;
    }

    void set(std::shared_ptr<const tls_context> next) {
        const std::lock_guard lock(guard_);
        now_.swap(next);
    }

  private:
    mutable std::mutex guard_;
    std::shared_ptr<const tls_context> now_;
};

} // namespace aio::net
