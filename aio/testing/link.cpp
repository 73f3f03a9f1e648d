#include <aio/testing/link.hpp>
#include <aio/testing/link_wire.hpp>
#include <aio/testing/world.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::testing {

namespace {

net::outcome failed(int error) noexcept {
    net::outcome made;
    made.error = {error, std::system_category()};
    return made;
}

net::outcome later() noexcept {
    net::outcome made;
    made.later = true;
    return made;
}

/// By the seed, a part of it.
std::size_t part_of(std::size_t whole, chance dice) noexcept {
    return dice.once_in(4) ? 1 + dice.below(whole) : whole;
}

} // namespace

link::link(
    std::shared_ptr<world> owner,
    const fate& what,
    const net::address& client,
    const net::address& server
)
    : owner_(std::move(owner)), fate_(what), addresses_{client, server}, to_server_(what.to_server),
      to_client_(what.to_client), number_(owner_->add(*this)) {
    if (owner_->parted())
        parted_ = true;
}

link::~link() {
    owner_->remove(*this);
}

net::address link::address_of(link_end at) const {
    return addresses_[static_cast<std::size_t>(at)];
}

void link::advance(async::time_point now) {
    if (parted_)
        return;
    act(to_server_, link_end::client, now);
    act(to_client_, link_end::server, now);
}

void link::act(flow& which, link_end sender, async::time_point now) {
    which.advance(now);
    if (const fault how = which.strikes(); how != fault::none) {
        strike(which, how, now);
        which.advance(now);
    }
    if (which.was_in_vain())
        break_at(sender, async::later(now, to(sender).latency()), ECONNRESET);
}

void link::strike(flow& which, fault how, async::time_point now) {
    switch (how) {
    case fault::end:
        which.end_now();
        break;
    case fault::reset:
        to_server_.lose_all();
        to_client_.lose_all();
        break_at(link_end::client, now, ECONNRESET);
        break_at(link_end::server, now, ECONNRESET);
        break;
    case fault::stall:
        which.hold(true);
        break;
    case fault::cut:
        to_server_.hold(true);
        to_client_.hold(true);
        break_at(link_end::client, async::later(now, fate_.patience), ETIMEDOUT);
        break_at(link_end::server, async::later(now, fate_.patience), ETIMEDOUT);
        break;
    case fault::none:
        break;
    }
}

void link::break_at(link_end at, async::time_point when, int error) noexcept {
    side& mine = side_of(at);
    if (mine.closed || when >= mine.breaks)
        return;
    mine.breaks = when;
    mine.error = error;
}

bool link::broken(link_end at, async::time_point now) noexcept {
    return side_of(at).breaks <= now;
}

// As the system: the error once, then the end of the input, and a broken pipe.
net::outcome link::broken_outcome(side& mine, bool receiving) noexcept {
    if (const int error = std::exchange(mine.error, 0))
        return failed(error);
    net::outcome made;
    made.end = receiving;
    return receiving ? made : failed(EPIPE);
}

net::outcome link::receive(link_end at, std::span<std::byte> into, bool takes, async::loop& home) {
    const async::time_point now = home.now();
    const chance dice{home.simulation()};
    advance(now);
    side& mine = side_of(at);
    flow& incoming = to(at);
    net::outcome made;
    if (into.empty())
        return made;
    if (incoming.arrived() != 0) {
        if (takes && dice.once_in(16)) {
            mine.again = true;
            return later();
        }
        const std::size_t all = std::min(into.size(), incoming.arrived());
        made.size = incoming.peek(into.first(takes ? part_of(all, dice) : all));
        if (takes) {
            incoming.take(made.size);
            mine.again = incoming.arrived() != 0;
            stir(other(at));
        }
        return made;
    }
    if (incoming.ended()) {
        made.end = true;
        return made;
    }
    return broken(at, now) ? broken_outcome(mine, true) : later();
}

net::outcome link::send(link_end at, std::span<const std::byte> data, async::loop& home) {
    const async::time_point now = home.now();
    const chance dice{home.simulation()};
    advance(now);
    side& mine = side_of(at);
    if (broken(at, now))
        return broken_outcome(mine, false);
    if (mine.finished)
        return failed(EPIPE);
    net::outcome made;
    if (data.empty())
        return made;
    const std::size_t room = std::min(from(at).room(), data.size());
    if (room == 0 || dice.once_in(16)) {
        mine.wants_room = true;
        return later();
    }
    made.size = from(at).send(data.first(part_of(room, dice)), now, dice);
    stir(other(at));
    return made;
}

void link::half_close(link_end at, async::loop& home) {
    side& mine = side_of(at);
    if (std::exchange(mine.finished, true) || broken(at, home.now()))
        return;
    from(at).finish(home.now(), {home.simulation()});
    stir(other(at));
}

// As the system: a close with data that was not read resets the connection.
void link::close(link_end at, net::wire::closing how, async::time_point now, chance dice) {
    advance(now);
    side& mine = side_of(at);
    if (std::exchange(mine.closed, true))
        return;
    mine.user = nullptr;
    const bool is_broken = broken(at, now);
    const bool resets = how == net::wire::closing::reset || to(at).arrived() != 0;
    if (!is_broken && resets) {
        from(at).lose_all();
        break_at(other(at), async::later(now, from(at).latency()), ECONNRESET);
    } else if (!is_broken && !std::exchange(mine.finished, true)) {
        from(at).finish(now, dice);
    }
    to(at).close();
    stir(other(at));
}

std::size_t link::unconfirmed(link_end at, async::time_point now) {
    advance(now);
    if (broken(at, now))
        return 0;
    side_of(at).awaits_delivery = from(at).on_way() != 0;
    return from(at).on_way();
}

std::uint32_t link::events(link_end at, async::time_point now) {
    advance(now);
    const side& mine = side_of(at);
    if (broken(at, now) && !mine.told_break)
        return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (broken(at, now))
        return mine.again ? EPOLLIN : 0u;
    std::uint32_t found = 0;
    if (mine.again || to(at).total() != mine.told_bytes)
        found |= EPOLLIN;
    if (to(at).ended() && !mine.told_end)
        found |= EPOLLIN | EPOLLRDHUP;
    if ((mine.wants_room && from(at).room() != 0) ||
        (mine.awaits_delivery && from(at).on_way() == 0))
        found |= EPOLLOUT;
    return found;
}

std::uint32_t link::take_events(link_end at, async::time_point now) {
    const std::uint32_t found = events(at, now);
    side& mine = side_of(at);
    mine.told_break = broken(at, now);
    mine.told_bytes = to(at).total();
    mine.told_end = to(at).ended();
    mine.again = false;
    if (found & EPOLLOUT)
        mine.wants_room = mine.awaits_delivery = false;
    return found;
}

async::time_point link::next(link_end at, async::time_point now) {
    if (events(at, now) != 0)
        return now;
    const side& mine = side_of(at);
    const async::time_point breaks = mine.told_break ? async::never : mine.breaks;
    if (parted_)
        return breaks;
    return std::max(now, std::min({breaks, to_server_.next(), to_client_.next()}));
}

void link::stir(link_end at) {
    link_wire* const user = side_of(at).user;
    if (!user)
        return;
    if (user->home().running_here())
        return user->arm();
    user->home().post([self = weak_from_this(), at] {
        const auto still = self.lock();
        if (still && still->side_of(at).user)
            still->side_of(at).user->arm();
    });
}

void link::stir_all() {
    stir(link_end::client);
    stir(link_end::server);
}

async::time_point link::time_of(link_end at) const noexcept {
    const link_wire* const user = sides_[static_cast<std::size_t>(at)].user;
    return user ? user->home().time().now() : async::time_point{};
}

void link::break_both(int error) {
    to_server_.lose_all();
    to_client_.lose_all();
    for (const link_end at : {link_end::client, link_end::server})
        break_at(at, time_of(at), error);
    stir_all();
}

void link::stall(toward direction, bool held) {
    (direction == toward::server ? to_server_ : to_client_).hold(held);
    stir_all();
}

void link::part() {
    parted_ = true;
    for (const link_end at : {link_end::client, link_end::server})
        if (side_of(at).user)
            break_at(at, async::later(time_of(at), fate_.patience), ETIMEDOUT);
    stir_all();
}

void link::heal() {
    if (!std::exchange(parted_, false))
        return;
    for (const link_end at : {link_end::client, link_end::server}) {
        side& mine = side_of(at);
        if (mine.error == ETIMEDOUT && mine.breaks > time_of(at))
            mine.breaks = async::never;
    }
    stir_all();
}

} // namespace aio::testing
