#pragma once

// A connection of a client that a coroutine serves. Private to client/.

#include <aio/client/session.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/protocols/session_over.hpp>

#include <exception>
#include <string>

namespace aio::client {

class stream_session final : public protocols::session_over<session, net::stream_core> {
  public:
    stream_session(
        shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
    );

    /// Starts the protocol, which may end within the call, and destroy the session. It reads
    /// `early` first.
    /// Throws: std::system_error, std::bad_alloc. The session is destroyed then.
    void begin(const std::string& early);

    std::string unfinished() const override;

  private:
    struct serving;

    task<void> serve();

    // net::stream_core
    void lingered() noexcept override { leave_owner(); }

    bool serves_ = false; ///< the protocol runs
};

} // namespace aio::client
