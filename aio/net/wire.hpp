#pragma once

// What a connection uses in place of a socket: both ends are in this process, and a test decides
// what happens between them (aio/testing/network.hpp).

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/outcome.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace aio::net {

class connection;

/// One end of a connection. Its members do what the system does for a socket that never blocks.
/// Loop: all members are called on the loop of the connection.
class AIO_API wire {
  public:
    enum class closing : std::uint8_t { end, reset };

    wire() = default;
    wire(const wire&) = delete;
    wire& operator=(const wire&) = delete;
    virtual ~wire();

    /// `end` when the peer sends no more; not for an empty `into`. Less than there is does not mean
    /// that this was all: it is called again until it returns `later`.
    virtual outcome receive(std::span<std::byte> into) noexcept = 0;
    /// As receive(), but what it returns is received again.
    virtual outcome peek(std::span<std::byte> into) noexcept = 0;
    virtual outcome send(std::span<const std::byte> data) noexcept = 0;
    virtual void half_close() noexcept = 0;
    /// Nothing else is called afterwards, and nothing told.
    virtual void close(closing how) noexcept = 0;
    /// The bytes sent that the other end has not received.
    virtual std::size_t unconfirmed() const noexcept = 0;
    virtual address peer() const = 0;
    virtual address local() const = 0;

  protected:
    /// Called by each connection that has it: from now on that one wants to be told. What is the
    /// case already is told soon.
    virtual void watch() = 0;

    /// Tells the connection of `events`, those that epoll has for a socket: EPOLLIN when there is
    /// something to receive after `later`; EPOLLOUT when there is room to send after `later`, and
    /// when nothing is unconfirmed any more; EPOLLRDHUP with the end of the peer; EPOLLHUP and
    /// EPOLLERR with a reset. In a turn of the loop, and not inside another member. May destroy
    /// this object.
    void tell(std::uint32_t events);

  private:
    friend class connection;

    connection* user_ = nullptr;
};

} // namespace aio::net
