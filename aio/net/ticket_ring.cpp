#include <aio/net/ticket_ring.hpp>

#include <algorithm>

namespace aio::net {

ticket_ring::ticket_ring(std::span<const ticket_key> fixed) {
    for (const ticket_key& each : fixed)
        keys_.push_back({each, base::duration{0}});
}

bool ticket_ring::is_due(base::duration now) const noexcept {
    return keys_.empty() || (life_ && now - keys_.front().made >= *life_);
}

// A key seals for one life, and what it has sealed is good for another one.
bool ticket_ring::is_over(const member& which, base::duration now) const noexcept {
    return life_ && (now - which.made) / static_cast<int>(most) >= *life_;
}

void ticket_ring::turn(const ticket_key& fresh, base::duration now) {
    std::erase_if(keys_, [&](const member& each) { return is_over(each, now); });
    keys_.insert(keys_.begin(), {fresh, now});
    if (keys_.size() > most)
        keys_.resize(most);
}

std::optional<ticket_ring::found>
ticket_ring::find(std::span<const unsigned char, 16> name, base::duration now) const {
    const auto known = std::ranges::find_if(keys_, [&](const member& each) {
        return std::ranges::equal(each.key.name, name);
    });
    if (known == keys_.end() || is_over(*known, now))
        return std::nullopt;
    return found{&known->key, known == keys_.begin()};
}

} // namespace aio::net
