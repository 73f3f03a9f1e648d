#include <aio/async/hop.hpp>
#include <aio/server/standard.hpp>

#include <fmt/format.h>

#include <utility>

namespace aio::server {

standard::standard(
    async::loop& home,
    const std::vector<async::loop*>& loops,
    std::vector<net::endpoint> bound,
    std::shared_ptr<serving> shared,
    std::shared_ptr<const void> loan
)
    : home_(home), bound_(std::move(bound)), shared_(std::move(shared)), loan_(std::move(loan)) {
    const auto left = std::make_shared<std::size_t>(loops.size());
    const auto empty = [left, done = stopped_] {
        if (--*left == 0)
            done->set();
    };
    for (async::loop* each : loops) {
        lanes_.push_back(std::make_shared<lane>(*each, shared_, home_, empty));
        shared_->lanes.push_back(lanes_.back());
    }
    divide_places();
}

// A unix socket is one: each lane listens on it, its datagrams are received by the first.
void standard::divide_places() {
    const bool datagrams = takes_datagrams(shared_->protocol_handler);
    places_.resize(lanes_.size());
    for (net::endpoint& endpoint : bound_) {
        std::vector<std::shared_ptr<net::listener>> listeners;
        if (endpoint.listener)
            listeners.push_back(std::move(endpoint.listener));
        for (std::size_t i = 0; i < endpoint.sockets.size(); ++i)
            if (net::socket& each = endpoint.sockets[i]; datagrams)
                places_.at(i).datagrams.push_back(std::make_shared<net::socket>(std::move(each)));
            else
                listeners.push_back(std::make_shared<net::socket_listener>(std::move(each)));
        own_sockets_ = listeners.size() > 1;
        for (std::size_t i = 0; i < lanes_.size() && !datagrams; ++i)
            places_[i].listeners.push_back(listeners[i < listeners.size() ? i : 0]);
    }
}

// The end of the intake or a stop may come while a lane of another loop starts.
task<void> standard::start() {
    const std::vector<lane_places> places = std::exchange(places_, {});
    if (places.empty())
        co_return; // the intake has ended before the start
    for (const lane_places& each : places)
        for (std::size_t k = 0; k < each.listeners.size(); ++k)
            each.listeners[k]->listen(bound_[k].name, shared_->limits.backlog);
    const bool shared = lanes_.size() > 1 && !own_sockets_;
    const watchers all = shared ? watchers::all_loops : watchers::own_loop;
    state_ = state::started;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        auto begin = [here = lanes_[i], mine = places[i], all] { here->start(mine, all); };
        co_await async::on(lanes_[i]->home(), std::move(begin));
    }
}

void standard::end_intake() noexcept {
    places_.clear();
    for (const auto& each : lanes_)
        each->end_intake();
}

void standard::begin_stop() noexcept {
    const state before = std::exchange(state_, state::stopping);
    if (before == state::stopping)
        return;
    places_.clear();
    if (before == state::idle)
        return stopped_->set();
    for (const auto& each : lanes_)
        each->begin_stop();
}

task<void> standard::wait_stopped() {
    co_await stopped_->wait("the end of its connections");
}

void standard::cancel() noexcept {
    begin_stop();
    for (const auto& each : lanes_)
        each->cancel();
}

std::vector<std::string> standard::endpoints() const {
    std::vector<std::string> all;
    for (const net::endpoint& each : bound_)
        all.push_back(each.name);
    return all;
}

std::uint64_t standard::received() const {
    std::uint64_t all = 0;
    for (const auto& each : lanes_)
        all += each->traffic().received.load(std::memory_order_relaxed);
    return all;
}

std::uint64_t standard::sent() const {
    std::uint64_t all = 0;
    for (const auto& each : lanes_)
        all += each->traffic().sent.load(std::memory_order_relaxed);
    return all;
}

std::vector<service::statistic> standard::refused() const {
    std::vector<service::statistic> all = shared_->refused.statistics();
    if (shared_->tls) {
        all.push_back({"handshakes", static_cast<double>(shared_->handshakes)});
        all.push_back({"resumed", static_cast<double>(shared_->resumed)});
    }
    return all;
}

// Connections of other lanes belong to other threads: only their number is known here.
std::vector<std::string> standard::unfinished() const {
    std::vector<std::string> all;
    for (const auto& each : lanes_)
        if (&each->home() == &home_)
            all = each->unfinished();
    const std::size_t whole = shared_->places.taken();
    if (whole > all.size())
        all.push_back(fmt::format("{} connections on other loops", whole - all.size()));
    return all;
}

} // namespace aio::server
