#pragma once

// What stands behind a transport: the connection, its protocol and what the socket did not take.

#include <aio/base/api.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/protocol.hpp>

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

    /// connection_made, then the connection is served. The protocol may close it at once.
    void begin(std::unique_ptr<protocol> with);

    void write(std::span<const std::byte> data);
    void close() noexcept;
    void abort() noexcept;
    void shutdown() noexcept;

    void pause_reading() noexcept { paused_ = true; }

    void resume_reading() noexcept;
    std::size_t buffered() const noexcept;
    void high_water(std::size_t bytes) noexcept;

    /// As if the peer had sent its end, once what has arrived is handed over; closes as soon as
    /// nothing is left to send.
    void end_input() noexcept;
    /// Ends with `why` at the next chance, resetting the connection.
    void fail(std::error_code why) noexcept;

  protected:
    virtual ~transport_core();
    void ready(std::uint32_t events) override;
    /// The protocol has been told and is gone, the socket is closed: destroy this if you like.
    virtual void over() noexcept = 0;
    /// A callback threw.
    virtual void crashed(std::exception_ptr why) noexcept = 0;

    virtual void active() noexcept {}

    /// See stream_core::lingers().
    virtual void lingers() noexcept { stop_lingering(); }

    void stop_lingering() noexcept;
    /// over(), as soon as nobody refers to this any more.
    void depart() noexcept;
    /// Not in a callback: does what callbacks asked for. May destroy this.
    void settle() noexcept;

  private:
    struct kept {
        std::vector<std::byte> bytes;
        std::size_t begin = 0;
    };

    template <typename F>
    bool guarded(F call) noexcept;
    void pump();
    void flush() noexcept;
    void input_ended();
    void keep(std::span<const std::byte> data);
    void later() noexcept;
    bool may_read() const noexcept;

    std::unique_ptr<protocol> protocol_;
    std::unique_ptr<kept> kept_;
    std::error_code why_;
    std::uint32_t high_water_ = 64 * 1024;
    bool paused_ : 1 = false;
    bool choked_ : 1 = false;   ///< too much is kept: the peer is not read
    bool closing_ : 1 = false;  ///< ends when nothing is kept
    bool failed_ : 1 = false;   ///< ends now, with why_
    bool shut_ : 1 = false;     ///< our side ends when nothing is kept
    bool busy_ : 1 = false;     ///< inside a callback: settle() comes by itself
    bool told_end_ : 1 = false; ///< eof_received was called
    bool stopping_ : 1 = false; ///< end_input() was called
    bool gone_ : 1 = false;     ///< over() waits for our turn in the poller's queue
};

} // namespace aio::net
