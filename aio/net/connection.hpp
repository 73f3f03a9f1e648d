#pragma once

// The socket of a connection, shared by streams and callbacks: its readiness, inline receive and
// send, TLS between them and the socket, and a close that loses no data.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/deadlines.hpp>
#include <aio/net/end_reason.hpp>
#include <aio/net/outcome.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/traffic.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

namespace aio::net {

class bytes;
struct file_part;
struct proxy_header;
class tls_session;
class wire;

/// The address of a peer in 24 bytes. Unix peers are not kept.
struct compact_address {
    std::array<unsigned char, 16> ip{};
    std::uint32_t scope = 0;
    std::uint16_t port = 0;
    family kind = family::none;

    compact_address() = default;
    explicit compact_address(const address& whole) noexcept;
    address expand() const noexcept;
};

/// What a close still waits for. Until the peer's end is awaited, something of ours has not reached
/// the peer.
enum class close_wait : std::uint8_t {
    nothing,      ///< it has not begun, or the connection is closed
    close_notify, ///< room to send the close_notify of TLS
    delivery,     ///< the peer's system confirms what was sent
    peer_end,     ///< data came that nobody reads: the peer's end
};

class AIO_API connection : public watch {
  public:
    /// The number of receives and sends of one connection in a row, before other connections get
    /// their turn.
    static constexpr std::uint16_t budget = 16;

    connection(poller& poller, int fd, const address& peer) noexcept;

    /// Switches TLS on: for the bytes from now on.
    void secure(std::unique_ptr<tls_session> session) noexcept;

    bool secured() const noexcept { return tls_ != nullptr; }

    const tls_session* tls() const noexcept { return tls_.get(); }

    /// Adds what is received and sent to `counters`.
    void count(traffic& counters) noexcept { traffic_ = &counters; }

    /// Uses a wire in place of a socket. Call it before start(), with fd -1.
    void plug(std::unique_ptr<wire> in) noexcept;

    /// Watches the socket from now on. Throws std::system_error.
    void start();

    /// What a socket is watched for while it connects, so that start() can take over the watch.
    static const std::uint32_t events_of_connecting;

    /// Takes over the watch of a socket that was added with `events_of_connecting`: one request to
    /// the system less than a watch of its own. `seen`: all events that were told. Throws as
    /// above.
    void start(std::uint32_t seen);

    /// One step of the TLS handshake: done() when it is over, `later`, or an error. Never `end`.
    outcome handshake() noexcept;
    /// Once it has failed, every later call fails: ECONNABORTED, or errc::truncated.
    outcome receive(std::span<std::byte> into) noexcept;
    /// Never returns `end`: a send to a peer that has gone is an error (a broken pipe).
    outcome send(std::span<const std::byte> data) noexcept;
    /// Sends from several pieces, of which the first is not empty. Otherwise the same.
    outcome send(std::span<const bytes> pieces) noexcept;
    /// Sends from a file: some of its part, which is not empty. errc::short_file when the file ends
    /// before. Otherwise the same.
    outcome send(const file_part& part) noexcept;
    /// The bytes that have arrived, without taking them, and taking them; below TLS.
    outcome peek_raw(std::span<std::byte> into) noexcept;
    outcome receive_raw(std::span<std::byte> into) noexcept;
    /// The caller gives up the rest of a message whose last send returned `later`. TLS has begun a
    /// record of it, and sends that record before anything else; when it cannot be read again from
    /// its file, every later send fails. Without TLS this does nothing.
    void abandon(std::span<const std::byte> rest) noexcept;
    void abandon(std::span<const bytes> rest) noexcept;
    void abandon(const file_part& rest) noexcept;
    /// TLS has begun a record that is not sent to its end.
    bool in_record() const noexcept;
    /// Sends the end of this side. Returns false when TLS waits for room to send its close_notify:
    /// call it again when the socket is writable.
    bool half_close() noexcept;
    /// Closes; what was handed over is still sent. False: not closed yet, ask linger() at each
    /// event. It waits for room to send the close_notify of TLS. A peer that has not ended may
    /// still send, which turns a close into a reset that drops what is unsent: so it then waits
    /// until all sent data is confirmed and, if unread data has come, for the peer's end.
    bool finish() noexcept;
    bool linger() noexcept; ///< returns true once it is closed
    void reset() noexcept;
    void close_now() noexcept;

    /// Why no more data is received; none while more may come.
    end_reason ended_by() const noexcept { return reason_; }

    bool open() const noexcept { return fd_ >= 0 || wire_; }

    int fd() const noexcept { return fd_; }

    poller& on() const noexcept { return *on_; }

    address peer() const;

    /// Another address is given as peer() from now on: the client that a proxy has announced. That
    /// of a unix socket is not kept.
    void announce(const address& client) noexcept { peer_ = compact_address(client); }

    /// The same for the header of a proxy, which is kept.
    void announce(std::unique_ptr<const proxy_header> header) noexcept;

    /// nullptr: there was none.
    const proxy_header* announced() const noexcept { return announced_.get(); }

    /// The other end of the socket, whoever was announced; family::none when it is closed.
    address socket_peer() const;

    address local() const;

    /// The error that the system has noted for the socket, and clears it; of a wire, the reset that
    /// it has told of.
    std::error_code pending_error() const noexcept;

    /// pending_error() has something to tell; it is not cleared.
    bool has_error() const noexcept;

    /// The owner's timer has fired. Ends the waits that are over, in a later turn, and returns when
    /// the timer has to fire next; async::never: when set_timer() says so.
    async::time_point check_time() noexcept;

  protected:
    ~connection();

    /// What a connection is without its reader and its writer: the socket or the wire, and TLS over
    /// it.
    struct ends {
        int fd = -1;
        std::unique_ptr<wire> over;
        std::unique_ptr<tls_session> tls;
    };

    /// Ends the watch, and gives the connection away: this one is closed then.
    ends give_away() noexcept;

    /// Notes the readiness that an event reports.
    void note(std::uint32_t events) noexcept;
    /// Whether another receive or send fits into this turn. If not, the caller gives way by
    /// defer().
    bool spend() noexcept;

    bool readable() const noexcept { return readable_; }

    bool writable() const noexcept { return writable_; }

    /// Makes reading continue until the system says that there is no more data: a short receive
    /// does not end it.
    void try_again() noexcept { readable_ = greedy_ = true; }

    /// Reading ends on this side for `reason`, unless the peer or the network has ended it before.
    void end_reading(end_reason reason) noexcept;

    bool lingering() const noexcept { return close_wait_ != close_wait::nothing; }

    close_wait waits_for() const noexcept { return close_wait_; }

    /// The bytes sent that the peer's system has not confirmed.
    std::size_t unconfirmed() const noexcept;

    /// Lingering, and something of ours has not reached the peer.
    bool owes_end() const noexcept { return lingering() && close_wait_ != close_wait::peer_end; }

    /// One deadline for all waits; async::never: none.
    void expires_at(async::time_point when);
    void set_patience(const net::patience& wanted);
    /// A peer that takes nothing of what waits to be sent has this time from now on, or less. The
    /// caller goes on as after set_patience(). Throws std::bad_alloc.
    void shorten_patience(base::duration most);

    /// How long it waits for room to send when no patience was set.
    virtual std::optional<base::duration> usual_patience() const noexcept { return std::nullopt; }

    /// The owner's timer has to fire at `when` or before. A class without a timer has no deadlines.
    virtual void set_timer(async::time_point when) { static_cast<void>(when); }

    /// The wait of `which` is over, see time_verdict(). What has arrived
    /// may still be read.
    virtual void time_is_up(side which) noexcept = 0;

    /// `which` waits from now on, or still does. When there is no time left, it calls time_is_up().
    void begin_wait(side which) {
        if (timing_ || which == side::writing) [[unlikely]]
            time_wait(which);
    }

    /// It has received or sent something.
    void note_progress(side which) noexcept {
        if (timing_) [[unlikely]]
            timing_->limits.progress(which, on_->home().now());
    }

    void finish_wait(side which) noexcept {
        if (timing_) [[unlikely]]
            timing_->limits.finish(which);
    }

    /// Why the wait of `which` is over, until there is progress; nothing when it is not.
    deadlines::end time_verdict(side which) const noexcept {
        return timing_ ? timing_->limits.verdict(which) : deadlines::end::nothing;
    }

    /// The deadline that was set; async::never: none.
    async::time_point deadline() const noexcept {
        return timing_ ? timing_->limits.deadline() : async::never;
    }

  private:
    friend class tls_session;
    friend class wire;

    /// Made when it is first needed.
    struct timing {
        deadlines limits;
        std::size_t unconfirmed = 0; ///< when the last wait for room began
    };

    /// What poll() says of the socket.
    short polled() const noexcept;

    /// Nothing goes either way any more.
    bool hung_up() const noexcept;

    bool broken() const noexcept;
    outcome broken_again() const noexcept;
    void note_error(const std::error_code& why) const noexcept;
    outcome received(outcome got) noexcept;
    outcome sent(outcome done, bool nothing) noexcept;
    outcome receive_plain(std::span<std::byte> into) noexcept;
    outcome send_plain(std::span<const std::byte> data) noexcept;
    outcome send_pieces(std::span<const bytes> pieces) noexcept;
    outcome copy_file(const file_part& part) noexcept;
    outcome receive_by_wire(std::span<std::byte> into) noexcept;
    outcome send_by_wire(std::span<const std::byte> data) noexcept;
    outcome send_raw(std::span<const std::byte> data) noexcept;
    bool discard_by_wire() noexcept;
    void end_sending() noexcept;
    /// An event will tell when there is room to send.
    std::error_code want_out() noexcept;
    /// Goes as far as it can with a close.
    close_wait continue_close() noexcept;
    /// Drops received data. True: the peer has ended, or the connection is broken.
    bool discard() noexcept;
    timing& timed();
    void time_wait(side which);
    void move_timer();
    bool peer_goes_on() noexcept;

    poller* on_;
    std::unique_ptr<tls_session> tls_;
    std::unique_ptr<timing> timing_;
    std::unique_ptr<wire> wire_; ///< only without a socket
    std::unique_ptr<const proxy_header> announced_;
    traffic* traffic_ = nullptr;
    compact_address peer_;
    int fd_;
    std::uint32_t turn_ = 0;
    std::uint16_t used_ = 0;
    bool readable_ : 1 = false;
    bool writable_ : 1 = true;
    bool greedy_ : 1 = false;    ///< a short receive does not mean that all data was received
    bool out_asked_ : 1 = false; ///< EPOLLOUT is part of the registration
    bool half_closed_ : 1 = false;
    bool wire_broken_ : 1 = false;         ///< it has told of a reset
    mutable bool error_taken_ : 1 = false; ///< the socket has told of a reset, not while reading
    bool unread_ : 1 = false;              ///< lingering: data came that nobody reads
    close_wait close_wait_ = close_wait::nothing;
    end_reason reason_ = end_reason::none;
};

} // namespace aio::net
