#pragma once

// One context of OpenSSL on its way: certificates, keys and authorities are loaded from files.
// Mistakes in them are told in words. Private to net/.

#include <aio/net/pem_file.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_reason.hpp>

#include <string>
#include <vector>

namespace aio::net {

/// All members throw std::runtime_error that names the file and what is wrong with it.
class tls_setup {
  public:
    /// `files` outlives it.
    tls_setup(tls_end end, pem_files& files);

    ::ssl_ctx_st* get() const noexcept { return context_.get(); }

    ssl_context take() noexcept { return std::move(context_); }

    /// "1.2" or "1.3".
    void limit(const std::string& least);
    /// Of certificates with several kinds of keys, OpenSSL takes the one that suits the client.
    void load(const certificate_files& from);
    /// A file or a folder; empty: the authorities of the system.
    void trust(const std::string& ca);
    /// A client's application protocols.
    void offer(const std::vector<std::string>& protocols);
    /// Connections of contexts with the same text can resume each other's sessions.
    void name_sessions(const std::string& text);

    /// The texts of the files that trust() has read.
    const std::string& trusted() const noexcept { return trusted_; }

  private:
    void load_key(const pem_file& key, const pem_file& certificate, pem meant);
    void trust_folder(const std::string& path);
    bool trust_file(const std::string& path, const std::string& use);

    tls_end end_;
    pem_files& files_;
    ssl_context context_;
    std::string trusted_;
};

/// Throws the first error in the queue of OpenSSL, "name: why", and empties the queue.
[[noreturn]] void fail_tls(const std::string& name);
/// Throws `why`, and empties the queue.
[[noreturn]] void refuse_tls(const std::string& why);

} // namespace aio::net
