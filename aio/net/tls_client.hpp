#pragma once

// How a client uses TLS: whom it believes, and who it is itself.
//
//     connect("tls://bank.example:443", connect_options().tls(tls_client().ca("/etc/bank.pem")))

#include <aio/base/api.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace aio::net {

/// Whether the certificate of the server is verified: its chain, its time and its name.
enum class tls_verify : std::uint8_t {
    yes,
    no, ///< whoever sits between both reads and changes everything
};

enum class tls_alpn : std::uint8_t {
    offered,  ///< the server may choose none
    required, ///< then the handshake fails
};

/// The part that connections share whatever the server is called.
struct tls_client_rules {
    std::string ca;          ///< PEM file or folder; empty: the authorities of the system
    std::string certificate; ///< PEM, followed by the chain; empty: none
    std::string key;         ///< PEM; empty: in the certificate's file
    std::string least = "1.2";
    std::vector<std::string> alpn;
    tls_alpn chosen = tls_alpn::offered;
    tls_verify verify = tls_verify::yes;

    /// Those that are read; without any, what was read once is good for ever.
    std::vector<std::string> files() const;

    friend bool operator==(const tls_client_rules&, const tls_client_rules&) = default;
};

/// Every option has a setter, and they can be chained. Files are read before the first connection,
/// and again when they have changed.
class AIO_API tls_client {
  public:
    /// Who may sign the certificate of the server, in place of the authorities of the system: a
    /// file in PEM form, or a folder whose files hold certificates.
    tls_client& ca(std::string path);
    /// The certificate of this client. Without `key_path` the key is in the same file.
    tls_client& certificate(std::string path, std::string key_path = {});
    /// The name that the server's certificate has to be for, and that the server is told; by
    /// default the host that is connected to.
    tls_client& name(std::string host);
    /// Application protocols, the preferred one first: "h2", "http/1.1".
    /// Throws: std::invalid_argument for an empty one, and for more bytes than TLS can send.
    tls_client& alpn(std::vector<std::string> protocols, tls_alpn chosen = tls_alpn::offered);
    /// "1.2", the default, or "1.3".
    /// Throws: std::invalid_argument for any other.
    tls_client& least(std::string version);
    tls_client& verify(tls_verify whether);

    const tls_client_rules& rules() const noexcept { return rules_; }

    /// Empty: the host.
    const std::string& name() const noexcept { return name_; }

  private:
    tls_client_rules rules_;
    std::string name_;
};

} // namespace aio::net
