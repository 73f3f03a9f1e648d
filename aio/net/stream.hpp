#pragma once

// A connection for coroutines: TCP, unix or TLS behind the same handle.

#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/bytes.hpp>
#include <aio/net/certificate.hpp>
#include <aio/net/chunk.hpp>
#include <aio/net/end_reason.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aio::net {

struct proxy_header;
class stream_core;

/// Move-only. Destroying it closes the connection: what was written is sent, then the end. When the
/// last write was cut off in the middle, by a cancellation or by close(), the connection is reset
/// instead: the peer must not take a part of a message for the whole. A coroutine that wants the
/// usual end after such a write calls shutdown(), or writes again.
///
/// Loop: everything is called on the connection's loop. One read and one write may wait at the same
/// time, in two coroutines; a second read (or write) while one waits throws std::logic_error.
/// Cancelled: operation_aborted, as from every primitive of aio, whatever the type of the
/// cancellation. Nothing received is lost. Of a write an unknown part is sent.
/// Throws: connection_timeout (a timeout_error) when the time is over, see expires_in(); then the
/// same is true as after a cancellation. std::system_error when the peer resets the connection, and
/// ECONNABORTED from every later read; ECANCELED when the connection is closed meanwhile; EBADF
/// after close(). The end of the stream is a value, except for read_exactly and read_to_end.
///
/// Reading ends at the peer's end, but also at a stop and at an idle_timeout; end_reason() tells
/// which. Data that the peer has not ended is never returned as complete.
///
/// A coroutine that always finds data gives way to other connections every now and then.
class AIO_API stream {
  public:
    stream() noexcept =
        default; ///< no connection: operator bool is false, nothing else may be called

    explicit stream(stream_core* adopted) noexcept : core_(adopted) {} ///< takes over one reference

    stream(stream&& from) noexcept : core_(from.core_) { from.core_ = nullptr; }

    stream& operator=(stream&& from) noexcept;
    ~stream();

    explicit operator bool() const noexcept { return core_ != nullptr; }

    /// Reads the data that has arrived, up to 64 KiB. Empty: the end. Holds no memory while it
    /// waits.
    /// Completes: as soon as there is data, or at the end.
    task<chunk> read();
    /// Like read(), into memory of the caller, which has to live until it completes. 0: the end.
    /// Completes: as soon as there is data, or at the end.
    task<std::size_t> read_some(std::span<std::byte> into);
    /// Fills `into` completely.
    /// Completes: when it is full.
    /// Cancelled: the next read gets what has come; so after an error.
    /// Throws: errc::unexpected_end when the peer ends before; errc::stopping or errc::idle when
    /// the server ends the reading before.
    task<void> read_exactly(std::span<std::byte> into);
    /// Reads text up to and with `delimiter`. At the peer's end it returns the rest without a
    /// delimiter. At any other end it returns nothing, and the rest stays for read(). Empty: the
    /// end.
    /// Completes: when the delimiter has come, or at the end.
    /// Throws: errc::too_long when there is no delimiter in the first `limit` bytes.
    task<std::string> read_until(std::string delimiter, std::size_t limit = 65536);
    /// Reads one line, without its "\n" or "\r\n"; nothing at the end of the stream. The last line
    /// needs no newline if the peer's end follows it.
    /// Completes: when a newline has come, or at the end.
    /// Throws: errc::too_long when there is no newline in the first `limit` bytes.
    task<std::optional<std::string>> read_line(std::size_t limit = 65536);
    /// Reads everything up to the peer's end.
    /// Completes: at the end.
    /// Throws: errc::too_long when it is more than `limit` bytes; errc::stopping or errc::idle when
    /// the server ends the reading before. What was received then stays for read().
    task<std::string> read_to_end(std::size_t limit = 16 << 20);

    /// What has come and is not read: it stays for the next read, of whichever kind. Valid until
    /// then, and until consume(). Less than `least` bytes only at the end.
    /// Completes: when `least` bytes have come, or at the end.
    task<bytes> peek(std::size_t least = 1);
    /// Takes `count` bytes of those that peek() has returned.
    void consume(std::size_t count) noexcept;

    /// Why reading has ended; none as long as more may come.
    net::end_reason end_reason() const noexcept;

    /// Sends a chunk, a span of bytes, or text. The memory has to stay until it completes.
    /// Completes: when everything is handed to the system.
    /// Throws: EPIPE when the peer has gone.
    task<void> write(std::span<const std::byte> data);
    task<void> write(std::string_view text);
    task<void> write(const char* text);
    /// Sends several pieces as if they were one: `write({head, body})`. What is no view of memory
    /// that stays, such as a temporary string, has to be in the same expression as the co_await.
    /// Otherwise the same.
    task<void> write(std::initializer_list<bytes> pieces);
    task<void> write(std::span<const bytes> pieces);
    /// Sends `size` bytes of a file from `offset` on, without a copy where there is no TLS. `file`
    /// stays open until it completes. Reading from a slow disk holds up the loop.
    /// Completes: when everything is handed to the system.
    /// Throws: errc::short_file when the file ends before; as write().
    task<void> send_file(int file, std::uint64_t offset, std::uint64_t size);

    /// The deadline of all reads and writes: one that waits then, or would have to wait later,
    /// throws connection_timeout. The connection stays open, and goes on with another deadline.
    void expires_in(base::duration time);
    void expires_at(async::time_point when);
    void expires_never();
    /// How long a read waits for data, and a write until the peer takes some; nothing: for ever. A
    /// wait that takes longer throws connection_timeout. Without this, a server's write_timeout
    /// counts for writes.
    void patience(std::optional<base::duration> reading, std::optional<base::duration> writing);

    /// Sends the end of this side; reading goes on.
    /// Completes: at once; with TLS as soon as there is room for the close_notify.
    task<void> shutdown();
    /// Closes both sides now: waiting operations throw ECANCELED, and what is still unsent may be
    /// lost (destroying the handle loses nothing). A write that waits in the middle of its data
    /// turns it into abort(). May be called again.
    void close() noexcept;
    /// Closes with a reset: the peer gets an error instead of the end.
    void abort() noexcept;

    /// The client; behind a proxy that has announced one, that one.
    address peer() const;
    /// The other end of the socket: behind a proxy, the proxy.
    address socket_peer() const;
    /// What the proxy has announced, see `proxy_protocol`: where the client has connected to, and,
    /// with version 2, the name that it asked for and its TLS. nullptr: no proxy. Valid as long as
    /// the stream.
    const proxy_header* announced() const noexcept;
    address local() const;
    /// "TLSv1.3" and such; empty without TLS or before the handshake is done.
    std::string_view tls_version() const noexcept;
    /// Subject of the verified certificate of the peer; empty when it sent none.
    std::string tls_peer() const;
    /// The verified certificate of the peer; none when it has shown none, or without TLS. A client
    /// that does not verify has the one that was shown.
    certificate peer_certificate() const;
    /// The application protocol that TLS has agreed on, "h2"; empty: none.
    std::string_view alpn() const noexcept;
    /// The TLS handshake was a short one, with a session of an earlier connection.
    bool resumed() const noexcept;
    boost::asio::any_io_executor executor() const;

  private:
    friend stream_core& core_of(const stream& handle) noexcept;

    stream_core* core_ = nullptr;
};

} // namespace aio::net
