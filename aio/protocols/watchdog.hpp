#pragma once

// The one timer of a connection that a server or a client owns: first a limit, such as that for a
// PROXY header, then the watchdog for silence and the deadlines of the connection, at last the
// limit for a peer that does not close.

#include <aio/async/loop.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/traffic.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace aio::protocols {

/// What nothing came for.
enum class silence : std::uint8_t {
    idle,       ///< idle_timeout: in either direction
    first_byte, ///< first_byte_timeout: since the protocol has the connection
};

/// Nothing: there is no limit.
struct silence_limits {
    std::optional<base::duration> idle = std::nullopt;
    std::optional<base::duration> first_byte = std::nullopt;
};

class AIO_API watchdog : public async::timer {
  protected:
    watchdog() noexcept = default;
    ~watchdog() = default;

    virtual async::loop& home() const noexcept = 0;
    virtual silence_limits limits_of_silence() const noexcept = 0;
    /// The bytes of all connections of the owner.
    virtual net::traffic& all_traffic() const noexcept = 0;
    /// Adds what is received and sent from now on to `counters`.
    virtual void count_in(net::traffic& counters) noexcept = 0;
    /// Whether sent data is still on its way, and not as much as at a call before, since when no
    /// data has moved: the peer takes it, or may do so.
    virtual bool is_taken() noexcept = 0;
    /// Called when the connection was silent for too long. The watchdog is already set again.
    virtual void silent(silence why) noexcept = 0;
    /// Ends what is over by the deadlines of the connection, in a later turn. Returns when the next
    /// of them is; async::never: none.
    virtual async::time_point check_deadlines() noexcept = 0;
    /// Called when the time that arm() has set is over.
    virtual void expired() noexcept = 0;

    /// Counts the bytes of the connection, among those of the owner at last. The timer has its room
    /// from now on: nothing that sets it throws. Throws std::bad_alloc.
    void begin_watch();
    void arm(base::duration delay);
    void disarm() noexcept;
    /// Watches for silence from now on, as far as there are limits, and for the deadlines of the
    /// connection. A peer that still takes what was sent is not silent; whether it does is looked
    /// at when `idle` is over, so one that has stopped taking it has at most twice the time, and
    /// one that has just taken all of it no more than the time.
    void watch_time();
    /// The deadlines of the connection want the timer at `when` or before.
    void watch_deadline(async::time_point when);

    bool watches_silence() const noexcept { return watched_ == watched::silence; }

    /// Data has moved. Precondition: watches_silence().
    void moved(async::time_point now) noexcept { moved_ = now; }

    /// The connection is closed: watches nothing any more. Returns false when it was called before.
    bool end_watch() noexcept;

  private:
    /// While no byte is known to have come from the peer. The bytes of the connection are counted
    /// here meanwhile.
    struct first_byte {
        net::traffic counted;
        async::time_point limit = async::never;
    };

    /// What the timer is set for.
    enum class watched : std::uint8_t { limit, deadlines, silence, ended };

    void fire() final;
    void stop_first_byte() noexcept;
    bool first_byte_is_late(async::time_point now) noexcept;
    /// When the silence has lasted for too long; async::never: it is not watched.
    async::time_point idle_due() const noexcept;
    /// The same, or when the first byte has to be there.
    async::time_point due() const noexcept;

    async::time_point moved_{};
    std::unique_ptr<first_byte> first_byte_; ///< nullptr: nothing is awaited
    watched watched_ = watched::limit;
};

} // namespace aio::protocols
