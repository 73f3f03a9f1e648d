#pragma once

// The socket half that streams and callback connections share: what the system said about its
// readiness, receiving and sending inline, TLS in between, closing without losing data.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/traffic.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

namespace aio::net {

class tls_session;

/// What a receive or send came to. EAGAIN: not now, an event will tell.
struct outcome {
    std::size_t size = 0;
    std::error_code error;
    bool later = false; ///< not now
    bool end = false;   ///< receive: the peer sends no more

    bool done() const noexcept { return size != 0; }
};

/// A peer in 24 bytes; unix peers have no name worth keeping.
struct compact_address {
    std::array<unsigned char, 16> ip{};
    std::uint32_t scope = 0;
    std::uint16_t port = 0;
    family kind = family::none;

    compact_address() = default;
    explicit compact_address(const address& from) noexcept;
    address expand() const noexcept;
};

class AIO_API connection : public watch {
  public:
    /// Receives or sends one connection may do in a row before others get their turn.
    static constexpr std::uint16_t budget = 16;

    connection(poller& on, int fd, const address& peer) noexcept;

    /// Speaks TLS from now on; before start().
    void secure(std::unique_ptr<tls_session> with) noexcept;

    bool secured() const noexcept { return tls_ != nullptr; }

    const tls_session* tls() const noexcept { return tls_.get(); }

    /// What it receives and sends counts there, too.
    void count(traffic& into) noexcept { traffic_ = &into; }

    /// Watched from now on. Throws std::system_error.
    void start();

    outcome handshake() noexcept;
    outcome receive(std::span<std::byte> into) noexcept;
    outcome send(std::span<const std::byte> data) noexcept;
    /// The end of our side.
    void half_close() noexcept;
    /// Closes; what was handed over is still sent. When unread data would turn the close into a
    /// reset, it first waits for the peer's end: false, and linger() is asked at each event.
    bool finish() noexcept;
    bool linger() noexcept; ///< true: closed
    void reset() noexcept;
    void close_now() noexcept;

    bool open() const noexcept { return fd_ >= 0; }

    int fd() const noexcept { return fd_; }

    poller& on() const noexcept { return *on_; }

    address peer() const;

    address local() const { return local_address_of(fd_); }

    /// The error the system has noted for the socket; clears it.
    std::error_code pending_error() const noexcept;

  protected:
    ~connection();

    /// Takes in what an event says.
    void note(std::uint32_t events) noexcept;
    /// Another receive or send within this turn? False: give way, by defer().
    bool spend() noexcept;

    bool readable() const noexcept { return readable_; }

    bool writable() const noexcept { return writable_; }

    void try_again() noexcept { readable_ = true; }

    bool ended() const noexcept { return ended_; }

    bool lingering() const noexcept { return lingering_; }

  private:
    friend class tls_session;
    static address local_address_of(int fd);
    outcome receive_plain(std::span<std::byte> into) noexcept;
    outcome send_plain(std::span<const std::byte> data) noexcept;
    void want_out() noexcept;
    /// Throws away what was received; true: the peer's end is seen or the connection is broken.
    bool discard(bool& found) noexcept;

    poller* on_;
    std::unique_ptr<tls_session> tls_;
    traffic* traffic_ = nullptr;
    compact_address peer_;
    int fd_;
    std::uint32_t turn_ = 0;
    std::uint16_t used_ = 0;
    bool readable_ : 1 = false;
    bool writable_ : 1 = true;
    bool greedy_ : 1 = false;    ///< a short receive does not mean that there is no more
    bool ended_ : 1 = false;     ///< the peer's end was received
    bool out_asked_ : 1 = false; ///< EPOLLOUT is part of the registration
    bool half_closed_ : 1 = false;
    bool lingering_ : 1 = false;
};

} // namespace aio::net
