#pragma once

// Decides when a client connects, and when it has crashed: from its rules, what has happened, and
// the time. Nothing here waits.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/resilience/backoff.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

namespace aio::client {

/// A pause follows every end of a connection, good or bad, and every attempt that fails. It is the
/// pause of a supervisor: it doubles, and is drawn between half and all.
struct reconnect_rules {
    base::duration backoff = std::chrono::milliseconds(200);
    base::duration backoff_max = std::chrono::seconds(30);
    /// The pauses begin anew after a connection that was up for this long. The first one is then
    /// drawn between nothing and `spread_factor` times `backoff`: many clients that have lost the
    /// same server do not come back at once.
    base::duration steady = std::chrono::seconds(10);
    /// As many attempts in a row may fail. Nothing: any number.
    std::optional<std::size_t> attempts;

    static constexpr int spread_factor = 5;

    friend bool operator==(const reconnect_rules&, const reconnect_rules&) = default;
};

enum class reconnect_event : std::uint8_t {
    started,   ///< the client begins
    failed,    ///< an attempt has failed
    connected, ///< an attempt has made a connection
    ended,     ///< the connection has ended
    waited     ///< the pause is over
};

struct reconnect_action {
    enum class kind : std::uint8_t {
        dial,  ///< make an attempt
        serve, ///< the connection is up
        wait,  ///< for `pause`
        crash  ///< too many attempts in a row have failed
    };
    kind what = kind::dial;
    base::duration pause{0};

    friend bool operator==(const reconnect_action&, const reconnect_action&) = default;
};

/// One connection that is wanted, over all its ends.
class AIO_API reconnect {
  public:
    explicit reconnect(const reconnect_rules& rules) noexcept : rules_(rules) {}

    /// What follows an event at the time `now`, counted from any moment. `started` begins anew.
    /// Throws: std::logic_error for an event that cannot come now.
    reconnect_action step(reconnect_event what, base::duration now, std::minstd_rand& chance);

    /// Attempts in a row that have failed.
    std::size_t failures() const noexcept { return failures_; }

    /// Attempts that have failed and connections that have ended, since the pauses have begun anew.
    std::size_t ends() const noexcept { return row_.attempts(); }

  private:
    enum class phase : std::uint8_t { idle, dialing, up, waiting, crashed };

    reconnect_action dial() noexcept;
    reconnect_action after_failure(std::minstd_rand& chance);
    reconnect_action after_end(base::duration lasted, std::minstd_rand& chance);
    reconnect_action wait(base::duration pause) noexcept;

    reconnect_rules rules_;
    phase phase_ = phase::idle;
    resilience::backoff_row row_;
    std::size_t failures_ = 0;
    base::duration up_since_{0};
};

} // namespace aio::client
