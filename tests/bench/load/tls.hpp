#pragma once

// The client's side of TLS over a non-blocking socket. It offers one version, one suite and one
// group of keys, so that all servers do the same work, and believes every certificate.

#include "options.hpp"
#include "socket.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

struct free_tls {
    void operator()(SSL_CTX* rules) const { SSL_CTX_free(rules); }

    void operator()(SSL* tls) const { SSL_free(tls); }

    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

using tls_rules = std::unique_ptr<SSL_CTX, free_tls>;
using tls_ticket = std::unique_ptr<SSL_SESSION, free_tls>;

tls_rules make_tls_rules();

/// A connection that is being made, or stands.
class tls_client {
  public:
    /// `ticket`, of an earlier connection, may be none.
    tls_client(const tls_rules& rules, descriptor socket, SSL_SESSION* ticket);
    ~tls_client();
    tls_client(const tls_client&) = delete;
    tls_client& operator=(const tls_client&) = delete;

    int fd() const { return socket_.get(); }

    /// True once both sides agree. Fails with OpenSSL's reason.
    bool shake_hands();

    /// As recv() and send(): the number of bytes, 0 at the end, -1 when there is nothing to do now.
    ssize_t receive(std::span<char> into);
    ssize_t send(std::span<const char> data);

    bool resumed() const { return SSL_session_reused(tls_.get()) == 1; }

    /// The last ticket that the server has sent; none if it has sent none.
    tls_ticket take_ticket() { return std::move(ticket_); }

  private:
    static int keep_ticket(SSL* tls, SSL_SESSION* session);
    friend tls_rules make_tls_rules();
    bool later(int returned, const char* what) const;

    descriptor socket_;
    std::unique_ptr<SSL, free_tls> tls_;
    tls_ticket ticket_;
};

/// As connect_many(), with a handshake each, but without an exchange.
std::vector<std::unique_ptr<tls_client>>
connect_tls(const tls_rules& rules, std::uint16_t port, std::size_t count);

/// The first bytes that such a client sends.
std::string client_hello(const tls_rules& rules);

} // namespace bench
