#include <aio/async/clock.hpp>
#include <aio/resilience/backoff.hpp>
#include <aio/service/supervision.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace aio::service {

namespace {

std::vector<std::size_t> from_to(std::size_t first, std::size_t end) {
    std::vector<std::size_t> all(end > first ? end - first : 0);
    std::iota(all.begin(), all.end(), first);
    return all;
}

std::vector<std::size_t> named_by(strategy value, std::size_t which, std::size_t of_many) {
    switch (value) {
    case strategy::one_for_all:
    case strategy::forfeit_all:
        return from_to(0, of_many);
    case strategy::rest_for_one:
        return from_to(which, of_many);
    case strategy::one_for_one:
    case strategy::forfeit_one:
        break;
    }
    return {which};
}

} // namespace

std::string_view name(strategy value) noexcept {
    switch (value) {
    case strategy::one_for_one:
        return "one_for_one";
    case strategy::one_for_all:
        return "one_for_all";
    case strategy::rest_for_one:
        return "rest_for_one";
    case strategy::forfeit_one:
        return "forfeit_one";
    case strategy::forfeit_all:
        return "forfeit_all";
    }
    return "unknown";
}

bool forfeits(strategy value) noexcept {
    return value == strategy::forfeit_one || value == strategy::forfeit_all;
}

verdict restart_window::on_crash(
    const supervisor_spec& spec,
    std::size_t which,
    std::size_t of_many,
    base::duration now,
    std::minstd_rand& jitter,
    std::optional<base::duration> up
) {
    verdict out;
    if (forfeits(spec.strategy)) {
        out.action = verdict::kind::forfeit;
        out.members = named_by(spec.strategy, which, of_many);
        return out;
    }
    std::erase_if(restarts_, [&](base::duration earlier) { return now - earlier > spec.over; });
    if (restarts_.size() >= spec.max_restarts)
        return out;
    out.action = verdict::kind::restart;
    out.members = named_by(spec.strategy, which, of_many);
    rows_.resize(std::max(rows_.size(), of_many));
    row& own = rows_[which];
    own.attempts.lasted(up.value_or(now - own.last), spec.over);
    out.after = own.attempts.next(spec.backoff, spec.backoff_max, jitter);
    own.last = async::later(async::time_point(now), out.after).time_since_epoch();
    out.replace = !spec.replacement.empty() && !std::exchange(replaced_, true);
    restarts_.push_back(own.last);
    out.count = restarts_.size();
    return out;
}

std::size_t most_restarts(const supervisor_spec& supervisor, std::size_t of_many) noexcept {
    if (of_many == 0)
        return 0;
    // In a row within `over`: the first at its beginning, each other one as early as possible.
    std::size_t row = 1;
    base::duration left = supervisor.over;
    base::duration next = std::min(supervisor.backoff, supervisor.backoff_max);
    for (bool longest = false; !longest; ++row) {
        const base::duration before =
            std::exchange(next, resilience::doubled(next, 1, supervisor.backoff_max));
        longest = next == before;
        const base::duration least = std::max(next / 2, base::duration(1));
        if (left < least)
            break;
        left -= least;
        if (longest)
            row += static_cast<std::size_t>(left / least);
    }
    // At the next crash, the last restart of the others may not have happened yet.
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    return row >= all / of_many ? all : (row + 1) * of_many - 1;
}

base::duration least_window(const supervisor_spec& supervisor) noexcept {
    constexpr base::duration longest = base::duration::max() / 4;
    base::duration all{0};
    base::duration next = std::min(supervisor.backoff, supervisor.backoff_max);
    for (std::size_t i = 1; i < supervisor.max_restarts && all < longest; ++i) {
        const base::duration before =
            std::exchange(next, resilience::doubled(next, 1, supervisor.backoff_max));
        if (next == before) {
            const std::size_t more = supervisor.max_restarts - i;
            const auto times = static_cast<base::duration::rep>(more);
            return next.count() > (longest - all).count() / times ? longest : all + next * times;
        }
        all += next;
    }
    return all;
}

} // namespace aio::service
