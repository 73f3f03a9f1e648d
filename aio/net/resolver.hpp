#pragma once

// Host names become addresses without holding up a loop. Clients ask a resolver; a test or a
// simulation puts another one in the place of the system's.

#include <aio/async/clock.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/name_cache.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::net {

class AIO_API resolver {
  public:
    resolver() = default;
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;
    virtual ~resolver();

    /// All addresses of a host, the best one first, each with `port`. `wanted`: of this family
    /// only; family::none: of all.
    /// Completes: when the name is resolved; at once for an address or an answer that is known.
    /// Loop: any.
    /// Cancelled: at once. Then operation_aborted; others who wait for the same name still do.
    /// Throws: std::system_error that names the host: with the resolver's reason
    /// (resolver_category), ETIMEDOUT when there is no answer in time, EAFNOSUPPORT for an address
    /// of another family.
    virtual task<std::vector<address>>
    resolve(std::string name, std::uint16_t port, family wanted = family::none) = 0;
};

/// What the two kinds of text have in common that need no resolver: the address that `name` is;
/// nothing when it is a well-formed host name.
/// Throws: as resolver::resolve(), for an address of another family, for one whose interface is
/// missing, and for what is no host name.
AIO_API std::optional<address>
resolve_literal(const std::string& name, std::uint16_t port, family wanted);

/// The system's resolver, on threads. Names that are asked for at the same time share one lookup,
/// so a name whose resolver keeps silent holds one thread. Answers are kept for a while
/// (net/name_cache).
class AIO_API system_resolver final : public resolver {
  public:
    /// Blocks. Its addresses have no ports. Throws as net::resolve().
    using lookup = std::function<std::vector<address>(const std::string& name, family wanted)>;
    using warning = std::function<void(const std::string& text)>;

    /// `threads`: those of calls that may be left (async::begun_calls::left); it goes first, or
    /// the loops stay until it has gone. `time`: the clock of the loops; a virtual one
    /// outlives the resolver. `warn`: told once a
    /// minute that old answers are used; called on the loop of whoever asks.
    system_resolver(
        async::worker_pool& threads,
        const async::clock& time,
        warning warn,
        name_cache::rules rules = {},
        lookup by_system = {}
    );
    /// Those who still wait get operation_aborted. The threads still have to exist.
    ~system_resolver() override;

    task<std::vector<address>>
    resolve(std::string name, std::uint16_t port, family wanted = family::none) override;

  private:
    struct seat;
    struct state;
    struct flight;
    struct waiting;

    void begin(async::loop& home, const name_key& key);
    task<name_cache::answer> wait(std::shared_ptr<seat> mine, name_key key, base::duration limit);
    static task<void> sit(std::shared_ptr<state> shared, std::shared_ptr<seat> mine);
    void warn(const std::string& name, base::duration age, async::time_point now);

    async::worker_pool& threads_;
    lookup lookup_;
    std::shared_ptr<state> state_; ///< shared with the threads, which may be left
};

} // namespace aio::net
