#pragma once

// A datagram socket (UDP, unix datagram) by callbacks.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

namespace boost::asio {
class any_io_executor;
}

namespace aio::net {

class datagram_core;

/// The interface of a socket for its protocol. Lives until connection_lost has returned.
class AIO_API datagram_transport {
  public:
    datagram_transport(const datagram_transport&) = delete;
    datagram_transport& operator=(const datagram_transport&) = delete;

    /// Sends one datagram now. If `target` comes from datagram_received, or is a copy of that, the
    /// datagram leaves from the local address that `target` had sent to. A datagram that the system
    /// has no room for is dropped, as in a network; other failures arrive as error_received.
    void send_to(std::span<const std::byte> data, const address& target);
    void send_to(std::string_view text, const address& target);

    /// Sends one datagram to the peer of a client's socket. Otherwise as send_to(). A server's
    /// socket has no peer: EDESTADDRREQ arrives as error_received.
    void send(std::span<const std::byte> data);
    void send(std::string_view text);

    /// connection_lost({}) follows.
    void close() noexcept;
    address local() const;
    /// Whom a client's socket is connected to; family::none for that of a server.
    address peer() const;
    const boost::asio::any_io_executor& executor() const noexcept;

  protected:
    datagram_transport() noexcept = default;
    ~datagram_transport() = default;
};

/// One object per socket, for all peers. Callbacks are synchronous and run on the socket's loop. An
/// exception out of a callback is logged, and the socket stays open.
class AIO_API datagram_protocol {
  public:
    datagram_protocol() = default;
    datagram_protocol(const datagram_protocol&) = delete;
    datagram_protocol& operator=(const datagram_protocol&) = delete;
    virtual ~datagram_protocol();

    virtual void connection_made(datagram_transport&) {}

    /// `data` is valid until the callback returns. A copy of `from` remembers the local address
    /// that the datagram was sent to. Behind a proxy that announces its clients, `from` is the
    /// client, and remembers the proxy: an answer to it goes through the proxy.
    virtual void datagram_received(std::span<const std::byte> data, const address& from) = 0;

    /// A send or a receive failed, or the peer has answered that it does not listen. The socket
    /// stays open. A receive that fails over and over is tried again after a pause. EMSGSIZE: a
    /// datagram of more than 512 KiB has come, or one to send is longer than the socket may send;
    /// it is dropped. A server logs both, and drops what has come before that when its sender may
    /// not send.
    virtual void error_received(std::error_code) {}

    virtual void connection_lost(std::error_code) {}
};

} // namespace aio::net
