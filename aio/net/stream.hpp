#pragma once

// One connection as a coroutine sees it: TCP, unix or TLS, all the same handle.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/chunk.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aio::net {

class stream_core;

/// Move-only; destroying it closes the connection (the end is sent, nothing written is lost).
/// Everything is called on the connection's loop. One read and one write may wait at the same time,
/// in two coroutines; a second read (or write) while one waits throws std::logic_error.
///
/// Operations throw std::system_error: a reset by the peer, ECANCELED when the connection was
/// closed meanwhile, EBADF after close(). The end of the stream is a value, never an exception,
/// except in read_exactly. A cancelled coroutine gets operation_aborted as from every primitive of
/// aio, of whatever type the cancellation is; nothing received is lost, of a write an unknown part
/// was sent.
///
/// A coroutine that always finds data gives way to other connections by itself every now and then.
class AIO_API stream {
  public:
    stream() noexcept =
        default; ///< no connection: operator bool is false, nothing else may be called

    explicit stream(stream_core* adopted) noexcept : core_(adopted) {} ///< takes over one reference

    stream(stream&& from) noexcept : core_(from.core_) { from.core_ = nullptr; }

    stream& operator=(stream&& from) noexcept;
    ~stream();

    explicit operator bool() const noexcept { return core_ != nullptr; }

    /// What there is, as soon as there is something: up to 256 KiB. Empty: the end. Holds no memory
    /// while it waits.
    task<chunk> read();
    /// The same into memory of the caller, which has to stay until it completes. 0: the end.
    task<std::size_t> read_some(std::span<std::byte> into);
    /// Fills `into` whole. Throws std::system_error with net::errc::unexpected_end when the stream
    /// ends before.
    task<void> read_exactly(std::span<std::byte> into);
    /// Text up to and with `delimiter`. What is left without one at the end of the stream; empty:
    /// the end. Throws net::errc::too_long when there is none in the first `limit` bytes.
    task<std::string> read_until(std::string delimiter, std::size_t limit = 65536);
    /// One line without its "\n" or "\r\n"; nothing at the end of the stream.
    task<std::optional<std::string>> read_line(std::size_t limit = 65536);

    /// Completes when everything is handed to the system. The memory has to stay until then. A
    /// chunk, a span of bytes, or text.
    task<void> write(std::span<const std::byte> data);
    task<void> write(std::string_view text);
    task<void> write(const char* text);

    /// Sends the end of our side; reading goes on.
    task<void> shutdown();
    /// Closes both sides now: waiting operations throw ECANCELED. Again is harmless.
    void close() noexcept;
    /// Closes with a reset: the peer gets an error instead of the end.
    void abort() noexcept;

    address peer() const;
    address local() const;
    /// "TLSv1.3" and such; empty without TLS or before the handshake is done.
    std::string_view tls_version() const noexcept;
    /// Subject of the verified certificate of the peer; empty when it sent none.
    std::string tls_peer() const;
    boost::asio::any_io_executor executor() const;

  private:
    stream_core* core_ = nullptr;
};

} // namespace aio::net
