#pragma once

// A connection served by callbacks: does the same as a stream, a little faster.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/bytes.hpp>
#include <aio/net/certificate.hpp>
#include <aio/net/end_reason.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

namespace boost::asio {
class any_io_executor;
}

namespace aio::net {

struct proxy_header;
class transport_core;

/// The interface of a connection for its protocol. Lives until connection_lost has returned. All
/// members are called on the loop of the connection, also from inside callbacks.
class AIO_API transport {
  public:
    static constexpr std::size_t default_max_buffered = 16 << 20;
    /// The most files that are kept, see send_file().
    static constexpr std::size_t most_files = 8;

    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    /// Sends now what the socket takes and keeps a copy of the rest. Never blocks. Errors of the
    /// network arrive in connection_lost. After close() or a failure it does nothing.
    void write(std::span<const std::byte> data);
    void write(std::string_view text);
    /// Several pieces as if they were one: `write({head, body})`.
    void write(std::initializer_list<bytes> pieces);
    void write(std::span<const bytes> pieces);
    /// Sends `size` bytes of a file from `offset` on, after what was written, and without a copy
    /// where there is no TLS. It goes on by itself, also when `file` is closed meanwhile. Until it
    /// is sent, the peer is not read; then drained() is called. When the file is shorter, the
    /// connection is reset: connection_lost(errc::short_file). Reading from a slow disk holds up
    /// the loop.
    ///
    /// Each file that is kept holds a descriptor. One more than most_files resets the connection:
    /// connection_lost(errc::too_slow). One data_received() may bring more requests than that, so a
    /// protocol that sends a file for each of them waits for drained() while kept_files() is not 0.
    void send_file(int file, std::uint64_t offset, std::uint64_t size);

    /// Sends what is kept, then the end, then connection_lost({}). No more data_received.
    void close() noexcept;
    /// Drops what is kept and resets the connection.
    void abort() noexcept;
    /// Sends what is kept, then the end of this side; data_received goes on until the peer ends
    /// too.
    void shutdown() noexcept;

    void pause_reading() noexcept;
    void resume_reading() noexcept;

    /// Bytes kept because the socket did not take them, without those of files.
    std::size_t buffered() const noexcept;
    /// Files of send_file() that are not sent to their end.
    std::size_t kept_files() const noexcept;
    /// Default 64 KiB. Above it the peer is not read; when a quarter of it is left, reading goes on
    /// and drained() is called.
    void high_water(std::size_t bytes) noexcept;
    /// The most that is kept: default 16 MiB, or the option max_buffered of the server. A write
    /// that would keep more resets the connection: connection_lost(errc::too_slow).
    void max_buffered(std::size_t bytes) noexcept;

    /// The deadline of the connection: expired() is called then. Another one replaces it.
    void expires_in(base::duration time);
    void expires_at(async::time_point when);
    void expires_never();
    /// How long nothing has to come from the peer, except while reading is paused, until expired()
    /// is called; and how long the peer may take nothing of what is kept, until the connection is
    /// reset: connection_lost(errc::too_slow). Nothing: for ever. Without this, a server's
    /// write_timeout counts for writing.
    void patience(std::optional<base::duration> reading, std::optional<base::duration> writing);

    /// Why nothing more is received; none as long as more may come.
    net::end_reason end_reason() const noexcept;

    /// As the members of stream.
    address peer() const;
    address socket_peer() const;
    const proxy_header* announced() const noexcept;
    address local() const;
    std::string_view tls_version() const noexcept;
    std::string tls_peer() const;
    /// As the members of stream.
    certificate peer_certificate() const;
    std::string_view alpn() const noexcept;
    bool resumed() const noexcept;
    const boost::asio::any_io_executor& executor() const noexcept;

  protected:
    transport() noexcept = default;
    ~transport() = default;
};

/// What a connection does. Callbacks are synchronous and run on the connection's loop. An exception
/// out of a callback closes this connection only and is logged. Destroyed after connection_lost.
///
/// A class may also have `static std::string refused()`, or with a const aio::server_context&: the
/// last word of a full server with when_full = refuse to a connection that it refuses, 4 KiB at
/// most. No object is made for such a connection. It runs on the loop that has accepted.
class AIO_API protocol {
  public:
    protocol() = default;
    protocol(const protocol&) = delete;
    protocol& operator=(const protocol&) = delete;
    virtual ~protocol();

    virtual void connection_made(transport&) {}

    /// A view of the loop's buffer: valid until the callback returns.
    virtual void data_received(std::span<const std::byte> data) = 0;

    /// The peer has sent its end: what was received is complete. Returns true to keep this side
    /// open until close(), false to close.
    virtual bool eof_received() { return false; }

    /// The server stops. No more data_received: what was received without the peer's end may be
    /// incomplete. May write a last answer; then the connection closes.
    virtual void stopping() {}

    /// The deadline has passed, or the patience for reading is over. If this sets a deadline with
    /// transport::expires_in(), the connection goes on. Otherwise it closes, as after stopping().
    /// The same after a silence of idle_timeout: end_reason() is idle, and the connection closes in
    /// any case.
    virtual void expired() {}

    /// More than the high-water mark was kept, or a file; now a quarter of the mark is left at
    /// most, and no file: write on.
    virtual void drained() {}

    /// The last callback, always called once after connection_made. Empty: closed in good order,
    /// by the peer's end or by close(). errc::stopping, errc::idle and errc::expired: it ended on
    /// this side before the peer did. errc::too_slow: see transport::max_buffered(), send_file()
    /// and patience(). An error of the socket comes after the data that was received before it,
    /// unless reading is paused.
    virtual void connection_lost(std::error_code) {}
};

} // namespace aio::net
