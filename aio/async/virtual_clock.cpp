#include <aio/async/loop.hpp>
#include <aio/async/virtual_clock_members.hpp>

#include <algorithm>

namespace aio::async {

virtual_clock::virtual_clock(moves how, wall_point wall, std::uint64_t seed)
    : now_(std::chrono::hours(1)), limit_(how == moves::alone ? never : now_),
      wall_ahead_(wall.time_since_epoch() - now_.time_since_epoch()), seed_(seed),
      dice_(seeded::mix(seed)) {}

virtual_clock::virtual_clock(std::uint64_t seed)
    : virtual_clock(moves::alone, wall_point(std::chrono::days(20000)), seed) {}

virtual_clock::~virtual_clock() = default;

time_point virtual_clock::now() const noexcept {
    const std::lock_guard lock(mutex_);
    return now_;
}

wall_point virtual_clock::wall() const noexcept {
    const std::lock_guard lock(mutex_);
    return wall_point(now_.time_since_epoch() + wall_ahead_);
}

void virtual_clock::advance(duration amount) {
    const std::lock_guard lock(mutex_);
    limit_ = later(limit_ == never ? now_ : std::max(limit_, now_), amount);
    for (auto& member : members_)
        member->home->wake_up();
}

task<void> virtual_clock::settle() {
    settling one(*this);
    co_await one.suspend("settle");
    one.throw_if_cancelled();
}

void virtual_clock::set_wall(wall_point time, news how) {
    const std::lock_guard lock(mutex_);
    wall_ahead_ = time.time_since_epoch() - now_.time_since_epoch();
    if (how == news::unreported)
        return;
    for (auto& member : members_) {
        if (member->active)
            member->idle = false;
        member->home->call_wall();
    }
}

virtual_clock::member& virtual_clock::find(loop& loop) noexcept {
    return **std::ranges::find_if(members_, [&](const auto& m) { return m->home == &loop; });
}

void virtual_clock::enter(loop& loop) {
    const std::lock_guard lock(mutex_);
    members_.push_back(std::make_unique<member>(loop));
}

void virtual_clock::leave(loop& loop) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase_if(members_, [&](const auto& m) { return m->home == &loop; });
}

void virtual_clock::rise(loop& loop) noexcept {
    const std::lock_guard lock(mutex_);
    member& target = find(loop);
    target.active = true;
    target.idle = false;
}

// The loop does not run any more: the others do not wait for it.
void virtual_clock::rest(loop& loop) noexcept {
    const std::lock_guard lock(mutex_);
    member& target = find(loop);
    target.active = false;
    target.idle = true;
    target.held = false;
    target.next = never;
    for (auto& other : members_)
        other->home->wake_up();
}

// Held while a thread posts; otherwise time could jump over the posted work.
std::unique_lock<std::mutex> virtual_clock::stir(loop& loop) noexcept {
    std::unique_lock lock(mutex_);
    find(loop).idle = false;
    if (seed_ != 0) {
        stirred_ = true;
        if (first_ && first_ != &loop)
            first_->wake_up();
    }
    return lock;
}

bool virtual_clock::all_idle() const noexcept {
    return std::ranges::all_of(members_, [](const auto& m) { return m->idle && !m->held; });
}

bool virtual_clock::jump(const member& asking) {
    time_point moment = limit_;
    for (const auto& member : members_)
        moment = std::min(moment, member->next);
    if (moment == never || moment <= now_)
        return false;
    now_ = moment;
    for (auto& member : members_) {
        if (member.get() == &asking || member->next > now_)
            continue;
        member->idle = false;
        member->home->wake_up();
    }
    return true;
}

virtual_clock::state virtual_clock::idle(loop& loop) {
    std::vector<settling*> done;
    {
        const std::lock_guard lock(mutex_);
        member& target = find(loop);
        if (loop.has_remote())
            return state::go_on;
        target.idle = true;
        target.held = loop.held_ > 0;
        target.next = loop.timers_.next();
        if (!all_idle())
            return state::wait;
        if (jump(target))
            return state::go_on;
        done = std::exchange(settling_, {});
        for (settling* waiting : done)
            find(*waiting->home_).idle = false;
    }
    for (settling* waiting : done)
        waiting->home_->post([waiting] { waiting->wake(); });
    return done.empty() ? state::wait : state::go_on;
}

} // namespace aio::async
