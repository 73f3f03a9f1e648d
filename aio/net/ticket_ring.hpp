#pragma once

// The keys that seal the session tickets of TLS: the newest seals, the others still open. A key
// that stays for the life of a process would open all that was ever sent, so keys are turned. Pure:
// time and keys come from the caller.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aio::net {

struct ticket_key {
    using name_bytes = std::array<unsigned char, 16>;

    name_bytes name{}; ///< stands in the ticket, in the clear
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};

    friend bool operator==(const ticket_key&, const ticket_key&) = default;
};

class AIO_API ticket_ring {
  public:
    static constexpr std::size_t most = 3;

    /// Its keys are to be turned each `life`. It has none until turn() is called.
    explicit ticket_ring(base::duration life) noexcept : life_(life) {}

    /// Keys that others turn. The first one seals. Precondition: there is one.
    explicit ticket_ring(std::span<const ticket_key> fixed);

    /// Whether the newest key is too old to seal at `now`: turn() has to follow.
    bool is_due(base::duration now) const noexcept;
    /// `fresh` seals from now on. Of the keys before, those are kept that may have sealed something
    /// within the last two lives; `most` in all.
    void turn(const ticket_key& fresh, base::duration now);

    /// The key that seals. Precondition: there is one.
    const ticket_key& newest() const noexcept { return keys_.front().key; }

    struct found {
        const ticket_key* key = nullptr;
        bool newest = false; ///< false: the client should get a new ticket
    };

    /// The key of a ticket; nothing when it is not known any more.
    std::optional<found> find(std::span<const unsigned char, 16> name, base::duration now) const;

  private:
    struct member {
        ticket_key key;
        base::duration made;
    };

    bool is_over(const member& which, base::duration now) const noexcept;

    std::optional<base::duration> life_; ///< nothing: they are fixed
    std::vector<member> keys_;           ///< the newest first
};

} // namespace aio::net
