#pragma once

// The implementation of a stream: the connection, the coroutines that wait for it, and data that
// was received and not read yet. It is counted: by its handle, and by the server that runs it. A
// server derives its sessions from it.

#include <aio/async/event.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/bytes.hpp>
#include <aio/net/chunk.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace aio::net {

class AIO_API stream_core : public connection {
  public:
    using connection::connection;
    using connection::unconfirmed;

    void hold() noexcept { ++references_; }

    void let_go() noexcept;

    task<chunk> read();
    task<std::size_t> read_some(std::span<std::byte> into);
    /// Throws errc::unexpected_end, stopping or idle when the stream ends before. Then, and after a
    /// cancellation, the next read gets what has come.
    task<void> read_exactly(std::span<std::byte> into);
    task<std::string> read_until(std::string delimiter, std::size_t limit);
    task<std::string> read_to_end(std::size_t limit);
    task<bytes> peek(std::size_t least);
    void consume(std::size_t count) noexcept;
    task<void> write(std::span<const std::byte> data);
    task<void> write(std::span<const bytes> pieces);
    task<void> send_file(int file, std::uint64_t offset, std::uint64_t size);
    task<void> shutdown();

    /// Something was received that nobody has read yet.
    bool has_rest() const noexcept { return rest_ != nullptr; }

    /// Shakes hands over TLS, which is switched on, before anything is read or written.
    /// Completes: when both sides agree, and the certificate of the peer is verified.
    /// Cancelled: the connection can only be closed.
    /// Throws: std::system_error with the code of the failure, errc::handshake_timeout after
    /// `limit`.
    task<void> shake_hands(base::duration limit);

    /// Both count for waits that have begun, too.
    void expires_at(async::time_point when);
    void patience(const net::patience& wanted);
    /// The peer of a write has `most` from now on to take something of it, or less. Throws
    /// std::bad_alloc.
    void hurry(base::duration most);

    /// Called when the handle is destroyed: end() and let_go().
    void leave() noexcept;
    /// Closes in good order: what was written is sent, then the end. May be called again. After a
    /// write that was cut off: a reset, see stream.
    void end() noexcept;
    /// Closes; waiting operations throw ECANCELED. A write that is cut off by it: as end().
    void close() noexcept;
    void abort() noexcept;

    /// Ends reading once all received data is read: for `reason`, which is stopping or idle, unless
    /// the peer's end is among the received data. The first call counts, except that idle replaces
    /// stopping.
    void end_input(end_reason reason) noexcept;

    /// Closed on this side, or about to close.
    bool closed() const noexcept { return !usable(); }

    /// The reason of end_input(); none: it was not called.
    end_reason asked_to_end() const noexcept { return asked_; }

    /// `event` is set when the connection is closed on this side, has an error (has_error()),
    /// or end_input() is called, until this is called with nullptr. Throws std::logic_error for a
    /// second event.
    void tell_end(async::event* event);

    bool reading() const noexcept { return reader_ != nullptr; }

    bool writing() const noexcept { return writer_ != nullptr; }

    /// What a stream consists of.
    struct parts {
        socket at;
        std::unique_ptr<wire> over; ///< in place of the socket
        std::unique_ptr<tls_session> tls;
        std::string early; ///< received, and not read yet
    };

    /// Takes a stream apart, so that another kind of connection can be made of it. Precondition: no
    /// coroutine reads or writes.
    static parts take_apart(stream from) noexcept;

  protected:
    virtual ~stream_core() = default;
    void ready(std::uint32_t events) override;

    void abandoned() noexcept override { let_go(); }

    void time_is_up(side which) noexcept override;

    /// Called when data was received or sent.
    virtual void active() noexcept {}

    /// The connection waits before it closes, see connection::finish(), and stays alive meanwhile.
    /// Called again when it waits for something else. A class with a clock calls stop_lingering()
    /// when that takes too long.
    virtual void lingers() noexcept { stop_lingering(); }

    /// The wait is over and the connection closed.
    virtual void lingered() noexcept {}

    void stop_lingering() noexcept;
    /// The next read gets `data` first.
    void give_back(std::span<const std::byte> data) noexcept;

  private:
    struct reference;
    template <side Which>
    struct operation;
    template <side Which>
    struct wait;
    using read_operation = operation<side::reading>;
    using read_wait = wait<side::reading>;
    using write_operation = operation<side::writing>;
    using write_wait = wait<side::writing>;
    struct shaking;

    void finish_lingering() noexcept;
    template <typename Data>
    struct message;
    struct filling;

    struct carry {
        std::string text;
        std::size_t begin = 0;

        std::string_view left() const noexcept { return std::string_view(text).substr(begin); }
    };

    /// Not closed, and no close has begun that only waits for the peer.
    bool usable() const noexcept { return open() && !lingering(); }

    async::waiter*& waiter_of(side which) noexcept {
        return which == side::reading ? reader_ : writer_;
    }

    void check_usable(int number, const char* operation) const;

    /// Throws connection_timeout when the wait of `which` is over.
    void throw_if_late(side which) {
        if (time_verdict(which) != deadlines::end::nothing) [[unlikely]]
            throw_timeout(which);
    }

    [[noreturn]] void throw_timeout(side which) const;
    void time_waits();
    void give_way();
    void wake_all() noexcept;
    template <typename Data>
    task<void> write_all(Data data, const char* operation);
    /// What a read looks at before the socket, when it is awaited.
    enum class look : std::uint8_t { rest_first, socket_only };
    task<chunk> read_by(look order);
    [[noreturn]] void throw_end(const char* operation) const;
    void keep(const chunk& more);
    std::size_t take_rest(std::span<std::byte> into) noexcept;
    std::string take_text(std::size_t size);

    async::waiter* reader_ = nullptr;
    async::waiter* writer_ = nullptr;
    async::event* ending_ = nullptr;
    std::unique_ptr<carry> rest_; ///< received beyond a delimiter, or searched for one
    std::uint32_t references_ = 1;
    end_reason asked_ = end_reason::none; ///< end_input() was called
    bool in_message_ = false; ///< the last write is sent in part: it waits, or was cut off
};

inline stream_core& core_of(const stream& handle) noexcept {
    return *handle.core_;
}

/// Adds what is received and sent from now on to `counters`, of this loop only.
/// Precondition: adopt() has made the stream.
AIO_API void count(const stream& adopted, std::shared_ptr<traffic> counters) noexcept;

/// A stream over a connected socket or a wire.
/// Loop: its operations run on `home`.
/// Throws: std::system_error when the socket cannot be watched.
AIO_API stream adopt(async::loop& home, socket connected);
AIO_API stream adopt(async::loop& home, std::unique_ptr<wire> connected);

/// The same for a socket that has connected to `peer` while it was watched for
/// connection::events_of_connecting: the stream takes over that watch. `seen`: all events that were
/// told. When it throws, the socket is closed with its watch, or `connected` still has both.
AIO_API stream adopt(async::loop& home, socket& connected, const address& peer, std::uint32_t seen);

} // namespace aio::net
