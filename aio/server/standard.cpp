#include <aio/async/hop.hpp>
#include <aio/server/standard.hpp>

#include <fmt/format.h>

#include <utility>

namespace aio::server {

standard::standard(
    async::loop& home,
    const std::vector<async::loop*>& loops,
    std::vector<net::endpoint> bound,
    int backlog,
    std::shared_ptr<serving> shared
)
    : home_(home), bound_(std::move(bound)), backlog_(backlog), shared_(std::move(shared)) {
    for (async::loop* at : loops)
        lanes_.push_back(std::make_shared<lane>(*at, shared_));
    const bool datagrams = takes_datagrams(shared_->with);
    sockets_.resize(lanes_.size());
    for (net::endpoint& one : bound_) {
        std::vector<std::shared_ptr<net::socket>> all;
        for (net::socket& each : one.sockets)
            all.push_back(std::make_shared<net::socket>(std::move(each)));
        // A unix socket is one: listened on by every loop, datagrams received by the first.
        for (std::size_t i = 0; i < lanes_.size(); ++i)
            if (i < all.size())
                sockets_[i].push_back(all[i]);
            else if (!datagrams)
                sockets_[i].push_back(all.front());
    }
}

task<void> standard::start() {
    if (!takes_datagrams(shared_->with))
        for (std::size_t i = 0; i < lanes_.size(); ++i)
            for (std::size_t k = 0; k < bound_.size(); ++k)
                net::listen(bound_[k].name, *sockets_[i][k], backlog_);
    for (std::size_t i = 0; i < lanes_.size(); ++i)
        co_await start_lane(i);
}

task<void> standard::start_lane(std::size_t index) {
    // The lanes keep this: it must not keep the lanes.
    auto room = [all = std::vector<std::weak_ptr<lane>>(lanes_.begin(), lanes_.end())] {
        for (const auto& each : all)
            if (const auto one = each.lock())
                one->home().post([one] { one->room(); });
    };
    auto empty = [home = &home_, left = running_, done = stopped_] {
        home->post([left, done] {
            if (--*left == 0)
                done->set();
        });
    };
    ++*running_;
    const bool one_for_all = lanes_.size() > 1 && bound_.front().sockets.size() == 1;
    auto begin = [here = lanes_[index], sockets = sockets_[index], one_for_all, room, empty] {
        here->start(sockets, one_for_all, room, empty);
    };
    co_await async::on(lanes_[index]->home(), std::move(begin));
}

void standard::end_intake() noexcept {
    sockets_.clear();
    for (const auto& one : lanes_)
        one->home().post([one] { one->end_intake(); });
}

void standard::begin_stop() noexcept {
    if (std::exchange(stopping_, true))
        return;
    sockets_.clear();
    if (*running_ == 0)
        stopped_->set();
    for (const auto& one : lanes_)
        one->home().post([one] { one->begin_stop(); });
}

task<void> standard::wait_stopped() {
    co_await stopped_->wait("the end of its connections");
}

void standard::cancel() noexcept {
    begin_stop();
    for (const auto& one : lanes_)
        one->home().post([one] { one->cancel(); });
}

std::vector<std::string> standard::endpoints() const {
    std::vector<std::string> all;
    for (const net::endpoint& one : bound_)
        all.push_back(one.name);
    return all;
}

std::uint64_t standard::received() const {
    std::uint64_t all = 0;
    for (const auto& one : lanes_)
        all += one->traffic().received.load(std::memory_order_relaxed);
    return all;
}

std::uint64_t standard::sent() const {
    std::uint64_t all = 0;
    for (const auto& one : lanes_)
        all += one->traffic().sent.load(std::memory_order_relaxed);
    return all;
}

// The other lanes' connections are other threads' business: only how many there are.
std::vector<std::string> standard::unfinished() const {
    std::vector<std::string> all;
    for (const auto& one : lanes_)
        if (&one->home() == &home_)
            all = one->unfinished();
    const std::size_t whole = shared_->connections;
    if (whole > all.size())
        all.push_back(fmt::format("{} connections on other loops", whole - all.size()));
    return all;
}

} // namespace aio::server
