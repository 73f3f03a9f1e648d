#include <aio/resilience/backoff.hpp>

#include <algorithm>

namespace aio::resilience {

namespace {

base::duration between(base::duration least, base::duration most, std::minstd_rand& chance) {
    if (most <= base::duration::zero())
        return base::duration::zero();
    std::uniform_int_distribution<base::duration::rep> all(least.count(), most.count());
    return base::duration(all(chance));
}

} // namespace

base::duration doubled(base::duration first, std::size_t times, base::duration most) noexcept {
    base::duration out = std::min(first, most);
    for (; times > 0 && out < most; --times)
        out = out > most / 2 ? most : out * 2;
    return out;
}

base::duration drawn(base::duration whole, std::minstd_rand& chance) {
    return between(whole / 2, whole, chance);
}

base::duration spread(base::duration whole, std::minstd_rand& chance) {
    return between(base::duration::zero(), whole, chance);
}

bool backoff_row::lasted(base::duration time, base::duration steady) noexcept {
    const bool anew = time >= std::max(steady, pause_);
    if (anew)
        attempts_ = 0;
    return anew;
}

base::duration
backoff_row::next(base::duration first, base::duration most, std::minstd_rand& chance) {
    return take(drawn(doubled(first, attempts_, most), chance));
}

base::duration backoff_row::take(base::duration pause) noexcept {
    ++attempts_;
    pause_ = pause;
    return pause;
}

} // namespace aio::resilience
