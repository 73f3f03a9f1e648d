#pragma once

// What the sessions of a server have beyond protocols::session_over: the PROXY header, and the TLS
// handshake. Private to server/.

#include <aio/net/proxy_header.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_handshake.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/protocols/session_over.hpp>
#include <aio/server/refusal.hpp>
#include <aio/server/session.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace aio::server {

template <typename Core>
class session_over : public protocols::session_over<session, Core> {
    using base_type = protocols::session_over<session, Core>;

  public:
    session_over(lane& owner, net::poller& poller, int fd, const net::address& peer);
    ~session_over() override;

    void begin() final;
    void tell() noexcept final;
    void cancel() noexcept final;

    net::address client() const noexcept final { return this->net::connection::peer(); }

  protected:
    /// Called once, after the TLS handshake if there is one. May destroy this object.
    virtual void serve() = 0;
    /// Destroys this object. Precondition: it was never served, and its socket is closed.
    virtual void drop() noexcept = 0;

    std::string name() const final { return this->who(); }

    /// What a connection that no handler works on waits for: "connection from 127.0.0.1:4242 waits
    /// for its peer to close".
    std::string what_it_awaits() const;

  private:
    // Core
    void ready(std::uint32_t events) final;

    std::optional<base::duration> usual_patience() const noexcept final {
        return this->write_timeout();
    }

    void time_is_up(net::side which) noexcept final;

    // protocols::watchdog
    void expired() noexcept final;

    /// The server has told the session to end.
    bool ends() const noexcept;
    void read_header();
    /// The bytes of the header are taken from the socket.
    void take_header(const net::proxy_reading& header);
    void give_up_header(refusal why, std::string_view reason) noexcept;
    struct handshake;
    void begin_shaking();
    void shaken(const std::error_code& why);
    void give_up(const std::error_code& why) noexcept;
    /// Closes the connection when its peer has had time to read the alert.
    void leave_after_alert() noexcept;
    /// The text is made only when the log prints it.
    template <typename MakeText>
    void debug(const MakeText& text) const noexcept;
    /// Serves the connection, or drops it when there is no memory to begin. May destroy this
    /// object.
    void serve_or_drop() noexcept;

    std::unique_ptr<handshake> shaking_;
};

extern template class session_over<net::stream_core>;
extern template class session_over<net::transport_core>;

} // namespace aio::server
