#include <aio/server/refusals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

namespace aio::server {

// The algorithm of Metwally, Agrawal and El Abbadi ("Space-Saving"): a client without a place takes
// the one with the lowest count, and its count.
void worst_client::note(const net::network& client) noexcept {
    const std::span<place> all(places_.data(), used_);
    const auto known =
        std::ranges::find_if(all, [&](const place& each) { return each.client == client; });
    if (known != all.end()) {
        ++known->count;
        return;
    }
    if (used_ < places) {
        places_[used_++] = {client, 1, 0};
        return;
    }
    place& lowest = *std::ranges::min_element(all, {}, &place::count);
    lowest = {client, lowest.count + 1, lowest.count};
}

std::optional<worst_client::found> worst_client::worst() const noexcept {
    const std::span<const place> all(places_.data(), used_);
    if (all.empty())
        return std::nullopt;
    const place& most = *std::ranges::max_element(all, {}, [](const place& each) {
        return each.count - each.error;
    });
    const std::uint64_t least = most.count - most.error;
    const bool alone = used_ == 1;
    return least >= 2 || alone ? std::optional(found{*most.client, least}) : std::nullopt;
}

std::optional<refusal_log::line> refusal_log::note(
    refusal why, const std::optional<net::network>& client, base::duration now
) noexcept {
    reason& each = reasons_[static_cast<std::size_t>(why)];
    if (client)
        each.worst.note(*client);
    const auto unmentioned = each.said.note(now);
    if (!unmentioned)
        return std::nullopt;
    const line out{*unmentioned + 1, each.worst.worst()};
    each.worst.clear();
    return out;
}

std::string refusal_log::text(
    const std::string& label, refusal why, const line& told, std::string_view subject
) {
    const refusal_words& words = words_of(why);
    std::string out = fmt::format(
        "Server({}) {} {}: {}: {}", label, words.act, subject, words.reason, told.number
    );
    if (told.worst && told.worst->least == told.number)
        out += fmt::format(" from {}", told.worst->client.text());
    else if (told.worst)
        out += fmt::format(
            ", at least {} of them from {}", told.worst->least, told.worst->client.text()
        );
    return out;
}

void refusals::note(refusal why, const net::address& client, base::duration now) noexcept {
    count_only(why);
    const auto key = net::key_of(client, v4_prefix_, v6_prefix_);
    std::optional<refusal_log::line> told;
    {
        const std::lock_guard lock(guard_);
        told = decisions_.note(why, key, now);
    }
    if (!told)
        return;
    try {
        log_.log(words_of(why).level, "{}", refusal_log::text(label_, why, *told, subject_));
    } catch (const std::exception&) { // no memory for the text
    }
}

std::vector<service::statistic> refusals::statistics() const {
    std::vector<service::statistic> all;
    for (const refusal_words& each : all_refusals)
        if (const std::uint64_t number = count(each.why); number != 0)
            all.push_back({std::string(each.counter), static_cast<double>(number)});
    return all;
}

} // namespace aio::server
