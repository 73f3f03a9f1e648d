#pragma once

// One connection by callbacks: the same as a stream, for the last percent.

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

class transport_core;

/// The connection as its protocol sees it. Lives until connection_lost has returned; all members
/// are called on the loop of the connection and may be called from inside callbacks.
class AIO_API transport {
  public:
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    /// Sends now what the socket takes and keeps a copy of the rest. Never blocks, never throws for
    /// the network's sake; after close() or a failure it is ignored. While more than the high-water
    /// mark is kept, the peer is not read.
    void write(std::span<const std::byte> data);
    void write(std::string_view text);

    /// Sends what is kept, then the end, then connection_lost({}). No more data_received.
    void close() noexcept;
    /// Drops what is kept and resets the connection.
    void abort() noexcept;
    /// Sends what is kept, then the end of our side; data_received goes on until the peer ends too.
    void shutdown() noexcept;

    void pause_reading() noexcept;
    void resume_reading() noexcept;

    /// Bytes kept because the socket did not take them.
    std::size_t buffered() const noexcept;
    /// Default 64 KiB. Reading goes on when a quarter of it is left.
    void high_water(std::size_t bytes) noexcept;

    address peer() const;
    address local() const;
    std::string_view tls_version() const noexcept;
    std::string tls_peer() const;
    const boost::asio::any_io_executor& executor() const noexcept;

  protected:
    transport() noexcept = default;
    ~transport() = default;
};

/// What a connection does. Callbacks are synchronous and run on the connection's loop; an exception
/// out of one closes this connection only and is logged. Destroyed after connection_lost.
class AIO_API protocol {
  public:
    protocol() = default;
    protocol(const protocol&) = delete;
    protocol& operator=(const protocol&) = delete;
    virtual ~protocol();

    virtual void connection_made(transport&) {}

    /// A view of the loop's buffer: valid until the callback returns.
    virtual void data_received(std::span<const std::byte> data) = 0;

    /// The peer sends no more. True keeps our side open until close(); false closes.
    virtual bool eof_received() { return false; }

    /// The last callback, always called once after connection_made; empty: closed in good order.
    virtual void connection_lost(std::error_code) {}
};

} // namespace aio::net
