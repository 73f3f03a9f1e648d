#pragma once

// The implementation of a transport: the connection, its protocol, and data the socket did not
// take.

#include <aio/base/api.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/outbox.hpp>
#include <aio/net/protocol.hpp>
#include <aio/net/transport_phase.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <system_error>

namespace aio::net {

class AIO_API transport_core : public transport, public connection {
  public:
    using connection::connection;

    /// Calls connection_made, then serves the connection. The protocol may close it at once. It
    /// gets `early` first: data that somebody has received before.
    void begin(std::unique_ptr<protocol> handler, std::string early = {});

    void write(std::span<const std::byte> data);
    void write(std::span<const bytes> pieces);
    void send_file(int file, std::uint64_t offset, std::uint64_t size);
    void close() noexcept;
    void abort() noexcept;
    void shutdown() noexcept;

    void pause_reading() noexcept { paused_ = true; }

    void resume_reading() noexcept;
    std::size_t buffered() const noexcept;
    std::size_t kept_files() const noexcept;
    void high_water(std::size_t bytes) noexcept;
    void max_buffered(std::size_t bytes) noexcept;

    void expires_at(async::time_point when);
    void patience(const net::patience& wanted);
    /// See stream_core::hurry().
    void hurry(base::duration most);

    /// Hands over what has arrived, then calls stopping() or expired() by `reason`, unless the
    /// peer's own end is found; closes as soon as nothing is left to send. While reading is paused,
    /// stopping waits and idle does not. The first call counts, except that idle replaces stopping.
    void end_input(net::end_reason reason) noexcept;
    /// Ends with `why` at the next chance, resetting the connection.
    void fail(std::error_code why) noexcept;
    /// The same for an error of the socket, when the protocol has read what the peer has sent
    /// before. One that has paused reading ends at once.
    void break_off(std::error_code why) noexcept;

    /// Bytes or files are kept.
    bool has_unsent() const noexcept { return kept_ != nullptr; }

    /// What is kept: "12 bytes", "a file", "12 bytes and 2 files"; empty: nothing.
    std::string unsent() const;

  protected:
    /// The time for what is kept after the deadline, such as a last answer.
    static constexpr base::duration last_answer_limit = std::chrono::seconds(60);

    virtual ~transport_core();
    void ready(std::uint32_t events) override;

    void abandoned() noexcept override {
        if (phase_ == transport_phase::departing)
            over();
    }

    void time_is_up(side which) noexcept override;
    /// The protocol is destroyed and the socket is closed: this object may be destroyed.
    virtual void over() noexcept = 0;
    /// A callback threw.
    virtual void crashed(std::exception_ptr why) noexcept = 0;

    virtual void active() noexcept {}

    /// The connection fails with errc::too_slow: `bytes` and `files` would have been kept.
    virtual void too_slow(std::size_t bytes, std::size_t files) noexcept {
        static_cast<void>(bytes);
        static_cast<void>(files);
    }

    /// See stream_core::lingers().
    virtual void lingers() noexcept { stop_lingering(); }

    void stop_lingering() noexcept;

    /// Why the connection has ended, as connection_lost() is told.
    std::error_code why() const noexcept { return why_; }

    /// Calls over() as soon as the poller does not refer to this object any more.
    void depart() noexcept;
    /// Outside callbacks: closes if a callback asked for it. May destroy this object.
    void settle() noexcept;

  private:
    template <typename F>
    bool guarded(F call) noexcept;
    void pump();
    void hand_over_early();
    bool ends_by_server() const noexcept;
    void end_by_server();
    void tell_time();
    void expire();
    bool has_drained() const noexcept;
    void tell_drained() noexcept;
    template <typename... Piece>
    void add(Piece&&... piece) noexcept;
    /// Sends some of what is kept, if anything is. False: no more can be sent now.
    bool send_kept() noexcept;
    void flush() noexcept;
    void input_ended();
    void keep(std::span<const std::byte> data) noexcept;
    void wait_for_room() noexcept;
    bool has_room_for_file() noexcept;
    void refuse(std::size_t bytes, std::size_t files) noexcept;
    void later() noexcept;
    bool may_read() const noexcept;

    std::unique_ptr<protocol> protocol_;
    std::unique_ptr<outbox> kept_;       ///< nullptr: nothing is kept; never empty
    std::unique_ptr<std::string> early_; ///< received before begin(), and not handed over yet
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
