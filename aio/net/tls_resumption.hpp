#pragma once

// The sessions of TLS that the servers of a client have handed out, so that the next handshake
// with one of them is short. From any thread. Private to net/.

#include <aio/base/api.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

struct ssl_session_st;

namespace aio::net {

struct AIO_API free_session {
    void operator()(::ssl_session_st* session) const noexcept;
};

using session_ticket = std::unique_ptr<::ssl_session_st, free_session>;

class AIO_API tls_resumption {
  public:
    static constexpr std::size_t most_servers = 1000;
    static constexpr std::size_t most_of_one = 2;

    /// `server`: whom the session is with, by name and port. The oldest session of the server goes
    /// when it has more than two; the server that was asked for longest ago goes when there are
    /// too many.
    void keep(const std::string& server, session_ticket session);
    /// The newest session of the server, which is no longer kept: a ticket is used once, so that
    /// nobody can tell that two connections come from one client. nullptr: none.
    session_ticket take(const std::string& server);

  private:
    struct entry {
        std::string server;
        std::list<session_ticket> sessions; ///< the newest first
    };

    using entries = std::list<entry>; ///< the last one used first

    std::mutex guard_;
    entries all_;
    std::unordered_map<std::string, entries::iterator> by_server_;
};

} // namespace aio::net
