#pragma once

// A connection of a client that a coroutine serves. Private to client/.

#include <aio/client/session.hpp>
#include <aio/net/stream_core.hpp>

#include <exception>
#include <string>

namespace aio::client {

class stream_session final : public session, public net::stream_core {
  public:
    stream_session(
        shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
    );
    ~stream_session() override;

    /// Starts the protocol, which may end within the call, and destroy the session. It reads
    /// `early` first.
    /// Throws: std::system_error, std::bad_alloc. The session is destroyed then.
    void begin(const std::string& early);

    void tell() noexcept override;
    void cancel() noexcept override;
    std::string unfinished() const override;

  private:
    struct serving;

    task<void> serve();

    // net::stream_core
    void active() noexcept override { moved(); }

    void set_timer(async::time_point when) override { watch_deadline(when); }

    void lingers() noexcept override;

    void lingered() noexcept override { left(); }

    // session
    void silent() noexcept override;

    async::time_point check_deadlines() noexcept override { return check_time(); }

    void expired() noexcept override { stop_lingering(); }

    std::string who() const;

    bool serves_ = false; ///< the protocol runs
    bool told_silent_ = false;
};

} // namespace aio::client
