#pragma once

// What a server decides during a handshake: which certificate it shows, which protocol it speaks,
// which tickets it opens. OpenSSL calls these. Private to net/.

#include <aio/net/certificate_choice.hpp>
#include <aio/net/tls_context.hpp>

#include <memory>
#include <string>
#include <vector>

struct ssl_st;
struct x509_st;

namespace aio::net {

class tls_tickets;
struct pem_text;

struct tls_server_part {
    certificate_choice choice;
    std::vector<::ssl_ctx_st*> by_group; ///< in the order of choice.groups()
    unknown_name unknown = unknown_name::first;
    std::string alpn; ///< as TLS sends it; empty: none
    bool requires_alpn = false;
    std::shared_ptr<tls_tickets> tickets; ///< nullptr: none
    std::vector<std::string> client_names;
    std::vector<std::shared_ptr<const pem_text>> texts; ///< others find them while they are kept

    /// Makes OpenSSL ask this. It outlives `target` and what was made of that.
    void attach(::ssl_ctx_st* target);

    /// Whether a client with this certificate is one of client_names.
    bool admits(const ::x509_st* client) const;
};

} // namespace aio::net
