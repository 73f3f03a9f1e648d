#include <aio/resilience/gcra.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace aio::resilience {

namespace {

/// Half of what a duration can hold: the sum of two of them does not overflow.
constexpr base::duration longest = base::duration::max() / 2;

base::duration interval_of(base::rate rate) noexcept {
    const double nanoseconds = std::ceil(1e9 / rate.per_second);
    if (!(nanoseconds < static_cast<double>(longest.count())))
        return longest;
    return std::max(base::duration(1), base::duration(static_cast<std::int64_t>(nanoseconds)));
}

base::duration times(base::duration interval, std::uint32_t count) noexcept {
    return count != 0 && interval > longest / count ? longest : interval * count;
}

} // namespace

gcra_law::gcra_law(base::rate rate, std::uint32_t burst) noexcept
    : interval_(interval_of(rate)), tolerance_(times(interval_, std::max(burst, 1U) - 1)) {}

gcra_law::answer gcra_law::judge(gcra_word word, base::duration now) const noexcept {
    const base::duration used = std::max(word.used_until(), now);
    const base::duration ahead = used - now;
    if (ahead > tolerance_)
        return {word, ahead - tolerance_};
    const base::duration room = base::duration::max() - interval_;
    return {gcra_word(std::min(used, room) + interval_), base::duration(0)};
}

base::duration shared_gcra::conforms(base::duration now) noexcept {
    std::int64_t seen = word_.load(std::memory_order_relaxed);
    for (;;) {
        const gcra_law::answer judged = law_.judge(gcra_word(base::duration(seen)), now);
        if (judged.wait > base::duration(0) ||
            word_.compare_exchange_weak(
                seen, judged.word.used_until().count(), std::memory_order_relaxed
            ))
            return judged.wait;
    }
}

} // namespace aio::resilience
