#pragma once

// Counts the connections of a server over its lanes, and decides what is logged when the server is
// full. Private to server/.

#include <aio/base/once_a_minute.hpp>
#include <aio/base/units.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace aio::server {

/// The places of one server. From any thread.
///
/// A lane that finds no place calls wait() and accepts nothing until all lanes are woken. No
/// wake-up is lost: either wait() sees the free place, or the lane that frees it sees that a lane
/// waits.
class places {
  public:
    explicit places(std::size_t limit) noexcept : limit_(limit) {}

    std::size_t limit() const noexcept { return limit_; }

    std::size_t taken() const noexcept { return taken_; }

    /// Takes a place. Returns how many are taken with it; 0: there is none.
    std::size_t take() noexcept {
        std::size_t now = taken_;
        while (now < limit_)
            if (taken_.compare_exchange_weak(now, now + 1))
                return now + 1;
        return 0;
    }

    /// Gives a place back. Returns true when the caller has to wake all lanes.
    [[nodiscard]] bool give_back() noexcept {
        taken_.fetch_sub(1);
        return waiting_ && waiting_.exchange(false);
    }

    /// Called after take() found no place. Returns true when a place has become free meanwhile, and
    /// the caller has to wake all lanes.
    [[nodiscard]] bool wait() noexcept {
        waiting_ = true;
        return taken_ < limit_ && waiting_.exchange(false);
    }

  private:
    const std::size_t limit_;
    std::atomic<std::size_t> taken_{0};
    std::atomic<bool> waiting_{false}; ///< a lane has found no place
};

/// Decides what is logged about a full server. Pure. Not thread-safe.
class fullness {
  public:
    /// A connection waits because no place is free. Returns the number of full times that were not
    /// logged since the last log line, if this one has to be logged; otherwise nothing. What could
    /// not be logged because of the line before is logged by a later call, see unsaid_until().
    std::optional<std::uint64_t> full(base::duration now) noexcept {
        if (state_ == state::full_and_said)
            return std::nullopt;
        if (std::exchange(state_, state::full) == state::roomy)
            since_ = now;
        if (now < said_.next())
            return std::nullopt;
        state_ = state::full_and_said;
        return said_.note(now);
    }

    /// The server is full, and the log has not heard of it: when full() has to be called again.
    std::optional<base::duration> unsaid_until() const noexcept {
        return state_ == state::full ? std::optional(said_.next()) : std::nullopt;
    }

    /// A connection has ended; `taken` of `limit` places are taken now. Returns for how long the
    /// server was full, if the log has to say that there is room again; otherwise nothing. A tenth
    /// of the places has to be free for that, so that a server at its limit does not report each
    /// connection. The time of one loop may be behind that of another.
    std::optional<base::duration>
    left(base::duration now, std::size_t taken, std::size_t limit) noexcept {
        if (state_ == state::roomy || taken > limit - std::max<std::size_t>(1, limit / 10))
            return std::nullopt;
        if (std::exchange(state_, state::roomy) == state::full_and_said)
            return std::max(now - since_, base::duration{0});
        said_.leave_out();
        return std::nullopt;
    }

    bool roomy() const noexcept { return state_ == state::roomy; }

  private:
    enum class state { roomy, full, full_and_said };

    state state_ = state::roomy;
    base::duration since_{0};
    base::once_a_minute said_;
};

} // namespace aio::server
