#pragma once

// Counts the connections of a server by the address of their client, over all loops, and limits
// their number and their rate. Private to server/.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/networks.hpp>
#include <aio/resilience/gcra.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace aio::server {

/// The limits of each client. Clients are told apart by net::key_of() with these lengths.
struct address_limits {
    std::optional<std::size_t> connections;   ///< open at a time
    std::optional<resilience::gcra_law> rate; ///< of new connections
    unsigned v4_prefix = 32;
    unsigned v6_prefix = 64;

    bool unset() const noexcept { return !connections && !rate; }
};

/// From any thread. The clients are spread over shards, each with a lock of its own.
///
/// A client without connections is remembered while its rate is used up, at most `most_idle` such
/// clients: beyond them the one goes that has had no connection for the longest time.
class AIO_API addresses {
  public:
    enum class answer { admitted, too_many, too_fast };

    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t most_idle = 65536;

    /// `seed`: makes it hard to find addresses whose keys collide; random, except in simulations.
    addresses(const address_limits& limits, std::uint64_t seed);
    ~addresses();

    /// Counts a connection of this client at `now`; leave() has to follow when it is admitted. One
    /// that is refused counts for neither limit. Peers on unix sockets are always admitted. Throws
    /// std::bad_alloc; nothing is counted then.
    answer enter(const net::address& client, base::duration now);

    /// The connection has ended. Precondition: enter() has admitted it, with an address that
    /// compares equal.
    void leave(const net::address& client, base::duration now) noexcept;

    /// Clients that are remembered; of them those without connections.
    std::size_t known() const noexcept;
    std::size_t idle() const noexcept;

  private:
    class shard;

    shard& shard_of(std::size_t hash) const noexcept;

    const address_limits limits_;
    const std::uint64_t seed_;
    const std::unique_ptr<shard[]> shards_;
};

} // namespace aio::server
