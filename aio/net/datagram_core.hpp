#pragma once

// What stands behind a datagram transport: one socket, drained at each event.

#include <aio/base/api.hpp>
#include <aio/net/datagram.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/traffic.hpp>

#include <sys/types.h>

#include <exception>
#include <memory>
#include <span>
#include <system_error>

namespace aio::net {

class AIO_API datagram_core : public datagram_transport, public watch {
  public:
    datagram_core(poller& on, socket at) noexcept;

    /// What it receives and sends counts there, too.
    void count(traffic& into) noexcept { traffic_ = &into; }

    /// connection_made, then the socket is served. Throws std::system_error.
    void begin(std::unique_ptr<datagram_protocol> with);
    void send_to(std::span<const std::byte> data, const address& to);
    void close() noexcept;
    /// What has arrived is handed over, what comes from here on the system drops: for all who share
    /// the socket, and for good. Sending goes on.
    void end_input() noexcept;
    /// close(), as soon as end_input() has nothing left to hand over.
    void finish() noexcept;
    address local() const;

    poller& on() const noexcept { return *on_; }

  protected:
    virtual ~datagram_core();
    void ready(std::uint32_t events) override;
    virtual void over() noexcept = 0;
    virtual void crashed(std::exception_ptr why) noexcept = 0;

  private:
    /// Datagrams handed over before others get their turn.
    static constexpr int budget = 64;

    template <typename F>
    void guarded(F call) noexcept;
    void drain();
    ssize_t receive(std::span<std::byte> room, address& from) noexcept;
    ssize_t send(std::span<const std::byte> data, const address& to) noexcept;
    void settle() noexcept;
    void drop_what_comes() noexcept;

    poller* on_;
    traffic* traffic_ = nullptr;
    socket socket_;
    std::unique_ptr<datagram_protocol> protocol_;
    bool everywhere_ = false; ///< bound to all addresses
    bool closing_ = false;
    bool busy_ = false;
    bool ended_ = false;   ///< end_input() was called
    bool drained_ = false; ///< and everything is handed over
    bool finishes_ = false;
};

} // namespace aio::net
