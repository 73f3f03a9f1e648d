#pragma once

// One connection of a server as its lane sees it. There are two kinds: a coroutine over a stream
// and callbacks over a transport, each in one allocation. Private to server/.

#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/end_reason.hpp>
#include <aio/net/traffic.hpp>
#include <aio/protocols/closing.hpp>
#include <aio/protocols/watchdog.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace aio::server {

class lane;

class session {
  public:
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    virtual ~session() = default;

    /// Watches the socket and serves the connection, after the TLS handshake when there is one. The
    /// session may be destroyed when this returns. Throws std::system_error, std::bad_alloc before
    /// it has done anything.
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

    // For protocols::session_over.
    static constexpr std::string_view direction = "from";
    protocols::stage owner_stage() const noexcept;
    base::duration linger_time() const noexcept;
    protocols::silence_limits owner_limits() const noexcept;
    net::traffic& owner_traffic() const noexcept;
    void tell_silent(protocols::silence why) const noexcept;
    /// Gives the place of the connection back.
    void forget() noexcept;

    /// For a peer that takes nothing of what waits to be sent.
    std::optional<base::duration> write_timeout() const noexcept;
    /// The peer has taken nothing of what waits to be sent for too long.
    void tell_unread() const noexcept;
    /// "connection from 127.0.0.1:4242"
    virtual std::string name() const = 0;
    /// Logs an error of the connection, which has `ended` on the peer's side.
    void report(std::exception_ptr why, net::end_reason ended) const noexcept;
    void debug(const std::error_code& why) const noexcept;

    lane& lane_; ///< until forget()

    bool counted_ = false;       ///< as one of the connections of client()
    bool awaits_header_ = false; ///< of the PROXY protocol
    bool had_header_ = false;

  private:
    friend class lane;

    session* previous_ = nullptr;
    session* next_ = nullptr;
};

} // namespace aio::server
