#pragma once

// Which of a name's addresses a client connects to: happy eyeballs (RFC 8305). Several attempts run
// at the same time, a little apart, and the first connection wins. Pure: its owner resolves,
// connects, closes, and keeps the timer.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aio::net {

struct race_rules {
    static constexpr base::duration shortest_delay = std::chrono::milliseconds(100);
    static constexpr base::duration longest_delay = std::chrono::seconds(2);

    /// The next address is tried this long after the previous one, within the two bounds. Nothing:
    /// the addresses are tried one after the other, each when the previous one has failed.
    std::optional<base::duration> attempt_delay = std::chrono::milliseconds(250);
    /// When the race fails.
    async::time_point deadline = async::never;
    /// When all of these are in use and the next attempt is due, the oldest attempt is given up.
    std::size_t most_in_flight = 6;
    /// Further addresses of a name are not tried.
    std::size_t most_addresses = 20;
};

/// The order of attempts: without repetitions, the families in turn, first the family of the first
/// address. Inside a family the order stays.
AIO_API std::vector<address> interleave(const std::vector<address>& found, std::size_t most);

/// One race. It owns what every attempt needs: for each attempt that was started there is one
/// `close` or one `done`, also when it failed. Attempts are numbers, in the order of addresses().
class AIO_API race {
  public:
    // What happened.
    struct names {
        std::vector<address> found;
    };

    struct failed {
        std::size_t attempt;
        int error; ///< an errno
    };

    struct connected {
        std::size_t attempt;
    };

    struct timer {};

    struct cancelled {};

    using event = std::variant<names, failed, connected, timer, cancelled>;

    // What the owner has to do, in this order.
    struct start {
        std::size_t attempt;
    };

    /// Sets the one timer anew; async::never: there is none any more.
    struct arm {
        async::time_point moment;
    };

    struct close {
        std::size_t attempt;
    };

    /// The end: this attempt's socket is the result. The timer has no further use.
    struct done {
        std::size_t attempt;
    };

    /// The end without a result. The error is that of the first address, the text names all of
    /// them: "[::1]:80: Connection refused; 10.0.0.1:80: Connection timed out".
    struct fail {
        base::system_failure why;
    };

    using action = std::variant<start, arm, close, done, fail>;

    explicit race(race_rules rules);

    /// Takes all events of one turn together: a cancellation comes before a connection, and that
    /// before everything else, so no attempt is started when another one has just connected. An
    /// empty turn before the names arms the timer for the deadline. After the end, and for an
    /// attempt that was closed, events mean nothing.
    std::vector<action> step(std::span<const event> turn, async::time_point now);
    std::vector<action> step(const event& single, async::time_point now);

    bool over() const noexcept { return phase_ == phase::over; }

    const std::vector<address>& addresses() const noexcept { return addresses_; }

  private:
    enum class phase : std::uint8_t { unnamed, racing, over };
    enum class attempt_state : std::uint8_t {
        waiting,    ///< to start
        connecting, ///< to close
        lost,       ///< failed, or given up
        won
    };

    struct attempt {
        attempt_state state = attempt_state::waiting;
        int error = 0;
    };

    bool take_end(std::span<const event> turn, std::vector<action>& out);
    bool take_connection(std::span<const event> turn, std::vector<action>& out);
    bool note(const event& what, std::vector<action>& out);
    void advance(bool one_failed, async::time_point now, std::vector<action>& out);
    void start_next(async::time_point now, std::vector<action>& out);
    void lose(std::size_t attempt, int error, std::vector<action>& out);
    void set_timer(std::vector<action>& out);
    void end(std::vector<action>& out);
    void end_failed(std::vector<action>& out);
    base::system_failure failure(phase before) const;
    bool connects(std::size_t attempt) const noexcept;
    std::size_t in_flight() const noexcept;

    bool all_started() const noexcept { return next_ == attempts_.size(); }

    race_rules rules_;
    phase phase_ = phase::unnamed;
    std::vector<address> addresses_;
    std::vector<attempt> attempts_; ///< as many as addresses
    std::size_t next_ = 0;          ///< those before it were started
    async::time_point next_due_ = async::never;
    async::time_point armed_ = async::never;
};

} // namespace aio::net
