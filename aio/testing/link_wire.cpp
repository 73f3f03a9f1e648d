#include <aio/testing/link_wire.hpp>

#include <utility>

namespace aio::testing {

link_wire::link_wire(std::shared_ptr<link> of, link_end at, async::loop& home)
    : link_(std::move(of)), at_(at), home_(home) {}

link_wire::~link_wire() {
    close(closing::end);
}

net::outcome link_wire::receive(std::span<std::byte> into) noexcept {
    const net::outcome got = link_->receive(at_, into, true, home_);
    arm();
    return got;
}

net::outcome link_wire::peek(std::span<std::byte> into) noexcept {
    return link_->receive(at_, into, false, home_);
}

net::outcome link_wire::send(std::span<const std::byte> data) noexcept {
    const net::outcome done = link_->send(at_, data, home_);
    arm();
    return done;
}

void link_wire::half_close() noexcept {
    link_->half_close(at_, home_);
}

void link_wire::close(closing how) noexcept {
    if (!std::exchange(open_, false))
        return;
    home_.remove_timer(*this);
    link_->close(at_, how, home_.now(), {home_.simulation()});
}

std::size_t link_wire::unconfirmed() const noexcept {
    return link_->unconfirmed(at_, home_.now());
}

net::address link_wire::peer() const {
    return link_->address_of(other(at_));
}

net::address link_wire::local() const {
    return link_->address_of(at_);
}

void link_wire::watch() {
    watched_ = true;
    link_->tell(at_, this);
    arm();
}

void link_wire::arm() {
    if (!watched_ || !open_)
        return;
    home_.remove_timer(*this);
    const async::time_point when = link_->next(at_, home_.now());
    if (when != async::never)
        home_.add_timer(*this, when);
}

void link_wire::fire() {
    const std::uint32_t events = link_->take_events(at_, home_.now());
    arm();
    if (events != 0)
        tell(events); // may destroy this
}

} // namespace aio::testing
