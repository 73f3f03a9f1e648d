#pragma once

// The implementation of a transport: the connection, its protocol, and data the socket did not
// take.

#include <aio/base/api.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/protocol.hpp>
#include <aio/net/transport_phase.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

namespace aio::net {

class AIO_API transport_core : public transport, public connection {
  public:
    using connection::connection;

    /// Calls connection_made, then serves the connection. The protocol may close it at once.
    void begin(std::unique_ptr<protocol> handler);

    void write(std::span<const std::byte> data);
    void close() noexcept;
    void abort() noexcept;
    void shutdown() noexcept;

    void pause_reading() noexcept { paused_ = true; }

    void resume_reading() noexcept;
    std::size_t buffered() const noexcept;
    void high_water(std::size_t bytes) noexcept;
    void max_buffered(std::size_t bytes) noexcept;

    void expires_at(async::time_point when);
    void patience(const net::patience& wanted);

    /// Hands over what has arrived, then calls stopping() or expired() by `reason`, unless the
    /// peer's own end is found; closes as soon as nothing is left to send. While reading is paused,
    /// stopping waits and idle does not. The first call counts, except that idle replaces stopping.
    void end_input(net::end_reason reason) noexcept;
    /// Ends with `why` at the next chance, resetting the connection.
    void fail(std::error_code why) noexcept;

  protected:
    /// The time for what is kept after the deadline, such as a last answer.
    static constexpr base::duration last_answer_limit = std::chrono::seconds(60);

    virtual ~transport_core();
    void ready(std::uint32_t events) override;
    void time_is_up(side which) noexcept override;
    /// The protocol is destroyed and the socket is closed: this object may be destroyed.
    virtual void over() noexcept = 0;
    /// A callback threw.
    virtual void crashed(std::exception_ptr why) noexcept = 0;

    virtual void active() noexcept {}

    /// The connection fails with errc::too_slow: `unsent` bytes would have been kept.
    virtual void too_slow(std::size_t unsent) noexcept { static_cast<void>(unsent); }

    /// See stream_core::lingers().
    virtual void lingers() noexcept { stop_lingering(); }

    void stop_lingering() noexcept;
    /// Calls over() as soon as the poller does not refer to this object any more.
    void depart() noexcept;
    /// Outside callbacks: closes if a callback asked for it. May destroy this object.
    void settle() noexcept;

  private:
    struct kept {
        std::vector<std::byte> bytes;
        std::size_t begin = 0;
    };

    template <typename F>
    bool guarded(F call) noexcept;
    void pump();
    bool ends_by_server() const noexcept;
    void end_by_server();
    void tell_time();
    void expire();
    bool has_drained() const noexcept;
    void tell_drained() noexcept;
    void flush() noexcept;
    void input_ended();
    void keep(std::span<const std::byte> data);
    void later() noexcept;
    bool may_read() const noexcept;

    std::unique_ptr<protocol> protocol_;
    std::unique_ptr<kept> kept_;
    std::error_code why_;
    std::uint32_t high_water_ = 64 * 1024;
    std::uint32_t max_buffered_ = default_max_buffered;
    net::end_reason asked_ = net::end_reason::none; ///< end_input() was called
    transport_phase phase_ = transport_phase::open;
    bool paused_ : 1 = false;
    bool choked_ : 1 = false;   ///< too much is kept: the peer is not read, and drained() is owed
    bool busy_ : 1 = false;     ///< inside a callback: settle() comes by itself
    bool told_end_ : 1 = false; ///< eof_received, stopping or expired was called
    bool late_ : 1 = false;     ///< time_is_up() was called
};

} // namespace aio::net
