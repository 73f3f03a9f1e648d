#include <aio/net/race.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::net {

std::vector<address> interleave(const std::vector<address>& found, std::size_t most) {
    if (found.size() <= std::min<std::size_t>(most, 1))
        return found;
    std::vector<address> first, second;
    for (const address& each : found) {
        auto& mine = each.kind() == found.front().kind() ? first : second;
        if (std::ranges::find(mine, each) == mine.end())
            mine.push_back(each);
    }
    std::vector<address> all;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size())
            all.push_back(first[i]);
        if (i < second.size())
            all.push_back(second[i]);
    }
    all.resize(std::min(all.size(), most));
    return all;
}

race::race(race_rules rules) : rules_(rules) {
    rules_.most_in_flight = std::max<std::size_t>(rules_.most_in_flight, 1);
    rules_.most_addresses = std::max<std::size_t>(rules_.most_addresses, 1);
    if (rules_.attempt_delay)
        rules_.attempt_delay = std::clamp(
            *rules_.attempt_delay, race_rules::shortest_delay, race_rules::longest_delay
        );
}

std::vector<race::action> race::step(std::span<const event> turn, async::time_point now) {
    std::vector<action> out;
    out.reserve(2);
    if (over() || take_end(turn, out))
        return out;
    bool one_failed = false;
    for (const event& each : turn)
        one_failed = note(each, out) || one_failed;
    advance(one_failed, now, out);
    return out;
}

std::vector<race::action> race::step(const event& single, async::time_point now) {
    return step(std::span(&single, 1), now);
}

// The events that end a race whatever else has happened.
bool race::take_end(std::span<const event> turn, std::vector<action>& out) {
    const auto ends = [](const event& each) { return std::holds_alternative<cancelled>(each); };
    if (std::ranges::none_of(turn, ends))
        return take_connection(turn, out);
    end(out);
    return true;
}

bool race::take_connection(std::span<const event> turn, std::vector<action>& out) {
    for (const event& each : turn) {
        const auto* first = std::get_if<connected>(&each);
        if (!first || !connects(first->attempt))
            continue;
        attempts_[first->attempt].state = attempt_state::won;
        end(out);
        out.emplace_back(done{first->attempt});
        return true;
    }
    return false;
}

// Returns whether an attempt has failed.
bool race::note(const event& what, std::vector<action>& out) {
    if (std::holds_alternative<timer>(what))
        armed_ = async::never;
    if (const auto* list = std::get_if<names>(&what); list && phase_ == phase::unnamed) {
        addresses_ = interleave(list->found, rules_.most_addresses);
        attempts_.resize(addresses_.size());
        phase_ = phase::racing;
    }
    const auto* lost = std::get_if<failed>(&what);
    if (!lost || !connects(lost->attempt))
        return false;
    lose(lost->attempt, lost->error, out);
    return true;
}

void race::advance(bool one_failed, async::time_point now, std::vector<action>& out) {
    if (now >= rules_.deadline)
        return end_failed(out);
    if (phase_ == phase::racing) {
        if (!all_started() && (one_failed || in_flight() == 0 || now >= next_due_))
            start_next(now, out);
        if (in_flight() == 0)
            return end_failed(out);
    }
    set_timer(out);
}

// Without giving up the oldest, a few addresses that do not answer would hold up all others.
void race::start_next(async::time_point now, std::vector<action>& out) {
    if (in_flight() >= rules_.most_in_flight) {
        const auto oldest =
            std::ranges::find(attempts_, attempt_state::connecting, &attempt::state);
        lose(static_cast<std::size_t>(oldest - attempts_.begin()), ETIMEDOUT, out);
    }
    attempts_[next_].state = attempt_state::connecting;
    out.emplace_back(start{next_++});
    next_due_ = all_started() || !rules_.attempt_delay ? async::never
                                                       : async::later(now, *rules_.attempt_delay);
}

void race::lose(std::size_t attempt, int error, std::vector<action>& out) {
    attempts_[attempt] = {attempt_state::lost, error};
    out.emplace_back(close{attempt});
}

void race::set_timer(std::vector<action>& out) {
    const async::time_point wanted = std::min(rules_.deadline, next_due_);
    if (wanted != armed_)
        out.emplace_back(arm{armed_ = wanted});
}

void race::end(std::vector<action>& out) {
    phase_ = phase::over;
    for (std::size_t i = 0; i < next_; ++i)
        if (connects(i))
            lose(i, ETIMEDOUT, out);
}

void race::end_failed(std::vector<action>& out) {
    const phase before = phase_;
    end(out);
    out.emplace_back(fail{failure(before)});
}

base::system_failure race::failure(phase before) const {
    if (before == phase::unnamed)
        return base::system_failure::in_words(ETIMEDOUT, "the name was not resolved in time");
    if (addresses_.empty())
        return base::system_failure::in_words(EADDRNOTAVAIL, "the name has no address");
    std::string text;
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
        text += (i == 0 ? "" : "; ") + addresses_[i].text() + ": ";
        text += i < next_ ? base::system_reason(attempts_[i].error) : "not tried";
    }
    return base::system_failure::in_words(next_ == 0 ? ETIMEDOUT : attempts_.front().error, text);
}

bool race::connects(std::size_t attempt) const noexcept {
    return attempt < attempts_.size() && attempts_[attempt].state == attempt_state::connecting;
}

std::size_t race::in_flight() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count(attempts_, attempt_state::connecting, &attempt::state)
    );
}

} // namespace aio::net
