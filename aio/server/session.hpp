#pragma once

// One connection of a server as its lane sees it. There are two kinds: a coroutine over a stream
// and callbacks over a transport, each in one allocation. A session has one timer: first the limit
// for a PROXY header, then the watchdog for silence and the deadlines of the connection, at last
// the limit for a peer that does not close.

#include <aio/async/timer_queue.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/traffic.hpp>
#include <aio/server/refusal.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
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
    /// For a peer that takes nothing of what waits to be sent.
    std::optional<base::duration> write_timeout() const noexcept;
    void arm(base::duration delay);
    void disarm() noexcept;
    /// Starts the watchdog if there is an idle_timeout or a first_byte_timeout. The deadlines of
    /// the connection count from now on.
    void watch_silence();
    /// The deadlines of the connection want the timer at `when` or before.
    void watch_deadline(async::time_point when);
    void moved() noexcept;
    /// Called when the connection was silent for idle_timeout or first_byte_timeout. The watchdog
    /// is already set again.
    virtual void silent(refusal why) noexcept = 0;
    /// Counts a connection that is closed for `why`, and tells the log.
    void tell_silent(refusal why, const std::string& name) const noexcept;
    /// Adds what is received and sent from now on to `counters`.
    virtual void count_in(net::traffic& counters) noexcept = 0;
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

    /// While no byte is known to have come from the client. The bytes of the connection are counted
    /// here meanwhile.
    struct first_byte {
        net::traffic counted;
        async::time_point limit = async::never;
    };

    /// What the timer is set for.
    enum class watched : std::uint8_t { limit, deadlines, silence };

    void fire() override;
    /// Counts the bytes of the connection, among those of its lane at last.
    void count_bytes();
    void stop_first_byte() noexcept;
    bool first_byte_is_late() noexcept;
    /// When the silence has lasted for idle_timeout; async::never: it is not watched.
    async::time_point silence_due() const noexcept;
    /// The same, or when the first byte has to be there.
    async::time_point due() const noexcept;

    session* previous_ = nullptr;
    session* next_ = nullptr;
    async::time_point moved_{};
    std::unique_ptr<first_byte> first_byte_; ///< nullptr: nothing is awaited
    watched watched_ = watched::limit;
    bool left_ = false;
};

} // namespace aio::server
