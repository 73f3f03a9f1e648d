#include <aio/testing/link_wire.hpp>
#include <aio/testing/place.hpp>
#include <aio/testing/world.hpp>

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::testing {

/// One who watches, on one loop.
struct place::bell final : async::timer {
    bell(place& owner, async::loop& home_, net::watch& user_)
        : of(owner), home(home_), user(user_) {}

    ~bell() { home.remove_timer(*this); }

    void arm() {
        if (!armed())
            home.add_timer(*this, home.now());
    }

    // The user may end its watch, and with it this bell.
    void fire() override {
        const auto alive = of.shared_from_this();
        const chance dice{home.simulation()};
        if (!alive->waiting_.empty())
            listener::tell(user, EPOLLIN);
        alive->ring(dice);
    }

    place& of;
    async::loop& home;
    net::watch& user;
};

place::place(std::shared_ptr<world> owner, std::string name)
    : owner_(std::move(owner)), name_(std::move(name)) {}

// Whoever waits sees a reset.
place::~place() {
    owner_->forget(name_);
    for (const auto& each : waiting_)
        each->break_both(ECONNRESET);
}

void place::listen(const std::string&, int backlog) {
    most_ = static_cast<std::size_t>(std::max(backlog, 1));
}

void place::watch(net::poller& on, net::watch& user, net::watchers) {
    owner_->check_thread();
    bells_.push_back(std::make_unique<bell>(*this, on.home(), user));
    ring({on.home().simulation()});
}

void place::forget(net::poller& on, net::watch& user) noexcept {
    std::erase_if(bells_, [&](const auto& each) { return &each->user == &user; });
    ring({on.home().simulation()});
}

void place::ring(chance dice) {
    if (waiting_.empty() || bells_.empty())
        return;
    bell& chosen = *bells_[dice.below(bells_.size())];
    if (chosen.home.running_here())
        return chosen.arm();
    chosen.home.post([self = weak_from_this(), who = &chosen.user] {
        const auto still = self.lock();
        if (!still)
            return;
        const auto found = std::ranges::find_if(still->bells_, [&](const auto& each) {
            return &each->user == who;
        });
        if (found != still->bells_.end())
            (*found)->arm();
        else
            still->ring({});
    });
}

void place::add(std::shared_ptr<link> made, async::loop& from) {
    waiting_.push_back(std::move(made));
    ring({from.simulation()});
}

net::accepted place::accept(net::poller& on) noexcept {
    net::accepted made;
    if (waiting_.empty()) {
        made.error = EAGAIN;
        return made;
    }
    std::shared_ptr<link> first = std::move(waiting_.front());
    waiting_.pop_front();
    made.peer = first->address_of(link_end::client);
    made.over = std::make_unique<link_wire>(std::move(first), link_end::server, on.home());
    return made;
}

} // namespace aio::testing
