#include <aio/server/addresses.hpp>

#include <boost/intrusive/list.hpp>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace aio::server {

namespace {

namespace intrusive = boost::intrusive;

struct hashed_key {
    net::network key;
    std::size_t hash;

    friend bool operator==(const hashed_key& a, const hashed_key& b) noexcept {
        return a.key == b.key;
    }
};

struct stored_hash {
    std::size_t operator()(const hashed_key& key) const noexcept { return key.hash; }
};

/// A client. It is in the list of the idle ones while it has no connections.
struct client_entry : intrusive::list_base_hook<> {
    const hashed_key* key = nullptr;
    std::size_t connections = 0;
    resilience::gcra_word word;
};

} // namespace

// Clients enter the list when their last connection ends, so the front has been idle for longest.
class alignas(64) addresses::shard {
  public:
    answer enter(const hashed_key& key, const address_limits& limits, base::duration now) {
        const std::lock_guard lock(guard_);
        const auto [place, added] = clients_.try_emplace(key);
        client_entry& client = place->second;
        client.key = &place->first;
        if (limits.connections && client.connections >= *limits.connections) {
            if (added)
                clients_.erase(place);
            return answer::too_many;
        }
        if (limits.rate) {
            const auto judged = limits.rate->judge(client.word, now);
            if (judged.wait > base::duration(0))
                return answer::too_fast; // never of a new client
            client.word = judged.word;
        }
        if (client.connections++ == 0 && !added)
            idle_.erase(idle_.iterator_to(client));
        return answer::admitted;
    }

    void leave(const hashed_key& key, base::duration now) noexcept {
        const std::lock_guard lock(guard_);
        const auto place = clients_.find(key);
        if (place == clients_.end() || --place->second.connections != 0)
            return;
        idle_.push_back(place->second);
        forget(now);
    }

    std::size_t known() const noexcept {
        const std::lock_guard lock(guard_);
        return clients_.size();
    }

    std::size_t idle() const noexcept {
        const std::lock_guard lock(guard_);
        return idle_.size();
    }

  private:
    static constexpr std::size_t most_idle_here = most_idle / shard_count;

    /// The client that has just become idle goes at once when its rate is unused. Then the oldest
    /// go: those whose rate is unused, two at a time, so that a call never takes long; and the one
    /// that is too many.
    void forget(base::duration now) noexcept {
        if (idle_.back().word.idle(now))
            erase(idle_.back());
        for (int i = 0; i < 2 && !idle_.empty() && idle_.front().word.idle(now); ++i)
            erase(idle_.front());
        if (idle_.size() > most_idle_here)
            erase(idle_.front());
    }

    void erase(client_entry& client) noexcept {
        idle_.erase(idle_.iterator_to(client));
        clients_.erase(clients_.find(*client.key));
    }

    mutable std::mutex guard_;
    std::unordered_map<hashed_key, client_entry, stored_hash> clients_;
    intrusive::list<client_entry> idle_;
};

addresses::addresses(const address_limits& limits, std::uint64_t seed)
    : limits_(limits), seed_(seed), shards_(std::make_unique<shard[]>(shard_count)) {}

addresses::~addresses() = default;

// The table of a shard uses the low bits.
addresses::shard& addresses::shard_of(std::size_t hash) const noexcept {
    return shards_[(hash >> 48) % shard_count];
}

addresses::answer addresses::enter(const net::address& client, base::duration now) {
    const auto key = net::key_of(client, limits_.v4_prefix, limits_.v6_prefix);
    if (!key)
        return answer::admitted;
    const std::size_t hash = key->hash(seed_);
    return shard_of(hash).enter({*key, hash}, limits_, now);
}

void addresses::leave(const net::address& client, base::duration now) noexcept {
    const auto key = net::key_of(client, limits_.v4_prefix, limits_.v6_prefix);
    if (!key)
        return;
    const std::size_t hash = key->hash(seed_);
    shard_of(hash).leave({*key, hash}, now);
}

std::size_t addresses::known() const noexcept {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < shard_count; ++i)
        sum += shards_[i].known();
    return sum;
}

std::size_t addresses::idle() const noexcept {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < shard_count; ++i)
        sum += shards_[i].idle();
    return sum;
}

} // namespace aio::server
