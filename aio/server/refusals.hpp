#pragma once

// Counts the connections that a server refuses or ends, by reason, and tells the log of each reason
// at most once a minute. Private to server/.

#include <aio/base/api.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/base/units.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/address.hpp>
#include <aio/net/networks.hpp>
#include <aio/server/refusal.hpp>
#include <aio/service/unit.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::server {

/// Finds the client with the most events, in the memory of a few clients: a client that has more
/// than one in `places` of all events is found. Pure. Not thread-safe.
class AIO_API worst_client {
  public:
    static constexpr std::size_t places = 8;

    struct found {
        net::network client;
        std::uint64_t least; ///< it has had at least this number of events
    };

    void note(const net::network& client) noexcept;
    /// Nothing when no client stands out: none has certainly had two events, and there were more.
    std::optional<found> worst() const noexcept;

    void clear() noexcept { used_ = 0; }

  private:
    struct place {
        std::optional<net::network> client;
        std::uint64_t count = 0;
        std::uint64_t error = 0; ///< by how much `count` may be too high
    };

    std::array<place, places> places_{};
    std::size_t used_ = 0;
};

/// Decides when the log hears of refusals, and of which. Pure. Not thread-safe.
class AIO_API refusal_log {
  public:
    struct line {
        std::uint64_t number; ///< of refusals for this reason since the last line
        std::optional<worst_client::found> worst;
    };

    /// A connection is refused at `now`; its client, if it has an address. Returns the line that
    /// the log has to print.
    std::optional<line>
    note(refusal why, const std::optional<net::network>& client, base::duration now) noexcept;

    /// "Server(web) refuses connections: the addresses are not permitted: 17, at least 12 of them
    /// from 10.0.0.1"
    static std::string text(
        const std::string& label,
        refusal why,
        const line& told,
        std::string_view subject = "connections"
    );

  private:
    struct reason {
        base::once_a_minute said;
        worst_client worst;
    };

    std::array<reason, refusal_count> reasons_;
};

/// From any thread.
class AIO_API refusals {
  public:
    /// `label`: of the server. The prefixes are those of address_limits. `subject`: what it
    /// refuses.
    refusals(
        log::logger& log,
        std::string label,
        unsigned v4_prefix = 32,
        unsigned v6_prefix = 64,
        std::string_view subject = "connections"
    )
        : log_(log), label_(std::move(label)), v4_prefix_(v4_prefix), v6_prefix_(v6_prefix),
          subject_(subject) {}

    /// Called when a connection of this client is refused or ended.
    void note(refusal why, const net::address& client, base::duration now) noexcept;

    /// The same, for what the log hears of in another way.
    void count_only(refusal why) noexcept {
        counts_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
    }

    std::uint64_t count(refusal why) const noexcept {
        return counts_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
    }

    /// The reasons that there were, by their counters.
    std::vector<service::statistic> statistics() const;

  private:
    log::logger& log_;
    const std::string label_;
    const unsigned v4_prefix_, v6_prefix_;
    const std::string_view subject_;
    std::array<std::atomic<std::uint64_t>, refusal_count> counts_{};
    std::mutex guard_;
    refusal_log decisions_;
};

} // namespace aio::server
