#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/service/values.hpp>
#include <aio/signal/event.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/intrusive/list.hpp>

#include <fmt/format.h>

#include <map>
#include <mutex>

namespace aio::service {

value_error::value_error(
    std::string_view name, const std::type_info& has, const std::type_info& asked
)
    : mistake(fmt::format(
          "the value '{}' is a {}, asked for as {}",
          name,
          signal::type_name(has),
          signal::type_name(asked)
      )) {}

/// Leaves its list before its loop can go: the loops of those in a list are posted to.
struct values::waiting
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    waiting(std::shared_ptr<state> where, std::string wanted, async::loop& waiter);
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting();

    const std::shared_ptr<state> from;
    const std::string name;
    async::loop& home;
    const std::shared_ptr<async::event> set = std::make_shared<async::event>();
};

struct values::state {
    std::mutex lock;
    std::map<std::string, std::any, std::less<>> set;
    std::map<
        std::string,
        boost::intrusive::list<waiting, boost::intrusive::constant_time_size<false>>,
        std::less<>>
        waiting_for;

    std::any look(std::string_view name) const {
        const auto found = set.find(name);
        return found == set.end() ? std::any{} : found->second;
    }
};

values::waiting::waiting(std::shared_ptr<state> where, std::string wanted, async::loop& waiter)
    : from(std::move(where)), name(std::move(wanted)), home(waiter) {
    from->waiting_for[name].push_back(*this);
}

values::waiting::~waiting() {
    const std::lock_guard guard(from->lock);
    const auto found = from->waiting_for.find(name);
    unlink();
    if (found->second.empty())
        from->waiting_for.erase(found);
}

values::values() : state_(std::make_shared<state>()) {}

values::~values() = default;

void values::put(std::string name, std::any value) {
    const std::lock_guard guard(state_->lock);
    if (const auto found = state_->waiting_for.find(name); found != state_->waiting_for.end())
        for (const waiting& each : found->second)
            each.home.post([event = std::weak_ptr(each.set)] {
                if (const auto there = event.lock())
                    there->set();
            });
    std::swap(
        state_->set[std::move(name)], value
    ); // the old value is destroyed after the lock is released
}

void values::remove(std::string_view name) {
    std::any gone; // destroyed after the lock is released, because its destructor is user code
    const std::lock_guard guard(state_->lock);
    if (const auto found = state_->set.find(name); found != state_->set.end()) {
        gone = std::move(found->second);
        state_->set.erase(found);
    }
}

std::any values::look(std::string_view name) {
    const std::lock_guard guard(state_->lock);
    return state_->look(name);
}

task<std::any> values::wait(std::string name) {
    const auto state = state_;
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    std::optional<waiting> mine;
    for (;;) {
        {
            const std::lock_guard guard(state->lock);
            if (std::any found = state->look(name); found.has_value())
                co_return found;
            if (!mine)
                mine.emplace(state, name, here);
            mine->set->reset();
        }
        co_await mine->set->wait("a value");
    }
}

} // namespace aio::service
