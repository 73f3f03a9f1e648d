#include <aio/testing/link.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/world.hpp>

#include <cerrno>
#include <utility>

namespace aio::testing {

network::network() : world_(std::make_shared<world>()) {}

network::~network() = default;

void network::name(const std::string& name, const std::vector<std::string>& addresses) {
    world_->name(name, addresses);
}

void network::resolve(names how, base::duration time) {
    world_->lookups = how;
    world_->lookup_time = time;
}

void network::usually(const fate& what) {
    world_->usual = what;
}

void network::decide(std::function<fate(const net::address& target, std::uint64_t number)> by) {
    world_->decide = std::move(by);
}

void network::reset() {
    world_->each([](link& one) { one.break_both(ECONNRESET); });
}

void network::stall(toward direction) {
    world_->each([direction](link& one) { one.stall(direction, true); });
}

void network::resume() {
    world_->each([](link& one) {
        one.stall(toward::server, false);
        one.stall(toward::client, false);
    });
}

void network::part() {
    world_->part();
}

void network::heal() {
    world_->heal();
}

std::size_t network::connections() const noexcept {
    return world_->open_links();
}

std::size_t network::connecting() const noexcept {
    return world_->attempts;
}

std::size_t network::listeners() const noexcept {
    return world_->bound();
}

std::uint64_t network::begun() const noexcept {
    return world_->begun;
}

std::shared_ptr<net::connectivity> network::seam() const noexcept {
    return world_;
}

} // namespace aio::testing
