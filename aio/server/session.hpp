#pragma once

// One connection of a server as its lane sees it. There are two kinds: a coroutine over a stream
// and callbacks over a transport, each in one allocation. A session has one timer: first the limit
// for a PROXY header, then the watchdog for silence and the deadlines of the connection, at last
// the limit for a peer that does not close.

#include <aio/async/timer_queue.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <system_error>

namespace aio::server {

class lane;

class session : public async::timer {
  public:
    /// For a peer that has to read before what was sent has reached it.
    static constexpr base::duration delivery_limit = std::chrono::seconds(60);
    /// For a peer whose end is awaited when the stop comes.
    static constexpr base::duration hurried_linger = std::chrono::milliseconds(200);

    virtual ~session() = default;

    /// Watches the socket and serves the connection, after the TLS handshake when there is one. The
    /// session may be destroyed when this returns. Throws std::system_error before it has done
    /// anything.
    virtual void begin() = 0;
    /// The server stops: ends a wait for input and lets the rest finish. A TLS handshake is given
    /// up in a later turn. The session is not destroyed within this call.
    virtual void tell() noexcept = 0;
    /// Cancels the tasks of the connection. The session may be destroyed when this returns.
    virtual void cancel() noexcept = 0;
    /// "connection from 127.0.0.1:4242 awaits read for 2.1 s"
    virtual std::string unfinished() const = 0;
    /// The address that the connection counts for.
    virtual net::address client() const noexcept = 0;

  protected:
    explicit session(lane& owner) noexcept : lane_(owner) {}

    /// The connection is closed and nothing runs for it: gives its place back. The handle of a
    /// stream may keep this object alive longer than the lane. May be called again.
    void leave_lane() noexcept;

    /// For the peer's end, and during a stop for what has not reached the peer.
    base::duration linger_limit() const noexcept;
    void arm(base::duration delay);
    void disarm() noexcept;
    /// Starts the watchdog if there is an idle_timeout. The deadlines of the connection count from
    /// now on.
    void watch_silence();
    /// The deadlines of the connection want the timer at `when` or before.
    void watch_deadline(async::time_point when);
    void moved() noexcept;
    /// Called when the connection was silent for idle_timeout. The watchdog is already set again.
    virtual void silent() noexcept = 0;
    /// Ends what is over by the deadlines of the connection, in a later turn. Returns when the next
    /// of them is; async::never: none.
    virtual async::time_point check_deadlines() noexcept = 0;
    /// Called when the time that arm() has set is over.
    virtual void expired() noexcept = 0;
    void report(const std::string& name, std::exception_ptr why) const noexcept;
    void debug(const std::string& name, const std::error_code& why) const noexcept;

    lane& lane_; ///< until leave_lane()

    bool counted_ = false;       ///< as one of the connections of client()
    bool awaits_header_ = false; ///< of the PROXY protocol
    bool had_header_ = false;

  private:
    friend class lane;
    /// What the timer is set for.
    enum class watched : std::uint8_t { limit, deadlines, silence };

    void fire() override;
    /// When the silence has lasted for idle_timeout; async::never: it is not watched.
    async::time_point due() const noexcept;

    session* previous_ = nullptr;
    session* next_ = nullptr;
    async::time_point moved_{};
    watched watched_ = watched::limit;
    bool left_ = false;
};

} // namespace aio::server
