#pragma once

// How long a log may wait for a slow reader. The loop that logs stands still meanwhile, so a reader
// that does not keep up costs records, not the app.

#include <algorithm>
#include <chrono>

namespace aio::log {

/// At most half of the time is spent on waits, and at most 100 ms at once. Unused time does not add
/// up beyond that. After a wait in vain there is none until the reader has taken something.
class wait_budget {
  public:
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    static constexpr milliseconds most{100};
    static constexpr int share = 2;

    /// How long may be waited at `now`; whole milliseconds.
    milliseconds left(clock::time_point now) const noexcept {
        if (in_vain_)
            return milliseconds::zero();
        const auto earned = std::min<clock::duration>((now - paid_) / share, most);
        return std::chrono::duration_cast<milliseconds>(std::max(earned, clock::duration::zero()));
    }

    /// A wait of this length has ended at `now`. `useful`: there is room.
    void spend(clock::time_point now, clock::duration waited, bool useful) noexcept {
        paid_ = std::max(paid_, now - most * share) + waited * share;
        in_vain_ = !useful;
    }

    /// The reader has taken something.
    void taken() noexcept { in_vain_ = false; }

  private:
    clock::time_point paid_{}; ///< the time up to which all waits are paid for
    bool in_vain_ = false;
};

} // namespace aio::log
