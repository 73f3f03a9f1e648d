#pragma once

// One connection in a network of a test: two directions, two ends, and what goes wrong with them.
// It does what the system does for TCP. Private to testing/.

#include <aio/async/loop.hpp>
#include <aio/net/address.hpp>
#include <aio/net/outcome.hpp>
#include <aio/net/wire.hpp>
#include <aio/testing/fate.hpp>
#include <aio/testing/flow.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace aio::testing {

class link_wire;
class world;

enum class link_end : std::uint8_t { client, server };

inline link_end other(link_end which) noexcept {
    return which == link_end::client ? link_end::server : link_end::client;
}

/// Its wires and the queue of a listener own it.
class link : public std::enable_shared_from_this<link> {
  public:
    link(
        std::shared_ptr<world> owner,
        const fate& what,
        const net::address& client,
        const net::address& server
    );
    link(const link&) = delete;
    link& operator=(const link&) = delete;
    ~link();

    net::outcome receive(link_end at, std::span<std::byte> into, bool takes, async::loop& home);
    net::outcome send(link_end at, std::span<const std::byte> data, async::loop& home);
    void half_close(link_end at, async::loop& home);
    void close(link_end at, net::wire::closing how, async::time_point now, chance dice);
    std::size_t unconfirmed(link_end at, async::time_point now);

    /// The events of epoll that an end has to be told of now. They count as told.
    std::uint32_t take_events(link_end at, async::time_point now);
    /// When the end may have to be told of something; `now` when there is something already.
    async::time_point next(link_end at, async::time_point now);

    /// The wire that is to be told; nullptr: none.
    void tell(link_end at, link_wire* user) noexcept { side_of(at).user = user; }

    net::address address_of(link_end at) const;

    // What a test does to it.
    void break_both(int error);
    void stall(toward direction, bool held);
    void part();
    void heal();

  private:
    struct side {
        link_wire* user = nullptr;
        async::time_point breaks = async::never; ///< the connection is broken from then on
        int error = 0;                           ///< that it breaks with; 0: the end was told
        std::uint64_t told_bytes = 0;
        bool told_end = false;
        bool told_break = false;
        bool finished = false; ///< has sent its end
        bool closed = false;
        bool wants_room = false;
        bool awaits_delivery = false;
        bool again = false; ///< less was received than had arrived
    };

    side& side_of(link_end at) noexcept { return sides_[static_cast<std::size_t>(at)]; }

    flow& from(link_end at) noexcept { return at == link_end::client ? to_server_ : to_client_; }

    flow& to(link_end at) noexcept { return from(other(at)); }

    void advance(async::time_point now);
    void act(flow& which, link_end sender, async::time_point now);
    void strike(flow& which, fault how, async::time_point now);
    void break_at(link_end at, async::time_point when, int error) noexcept;
    bool broken(link_end at, async::time_point now) noexcept;
    net::outcome broken_outcome(side& mine, bool receiving) noexcept;
    std::uint32_t events(link_end at, async::time_point now);
    void stir(link_end at);
    void stir_all();
    async::time_point time_of(link_end at) const noexcept;

    const std::shared_ptr<world> owner_;
    const fate fate_;
    const std::array<net::address, 2> addresses_;
    flow to_server_, to_client_;
    std::array<side, 2> sides_;
    bool parted_ = false;
    std::uint64_t number_; ///< in the world
    friend class world;
};

} // namespace aio::testing
