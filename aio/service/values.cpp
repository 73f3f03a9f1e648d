#include <aio/async/loop.hpp>
#include <aio/service/values.hpp>
#include <aio/signal/event.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

namespace aio::service {

value_error::value_error(
    std::string_view name, const std::type_info& has, const std::type_info& asked
)
    : std::runtime_error(fmt::format(
          "the value '{}' is a {}, asked for as {}",
          name,
          signal::type_name(has),
          signal::type_name(asked)
      )) {}

void values::put(std::string name, std::any value) {
    std::vector<waiting> called;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = waiting_.find(name); found != waiting_.end()) {
            called = std::move(found->second);
            waiting_.erase(found);
        }
        set_.insert_or_assign(std::move(name), std::move(value));
    }
    for (const waiting& one : called)
        if (!one.set.expired()) // else its loop may have gone, too
            one.at->post([set = one.set] {
                if (const auto event = set.lock())
                    event->set();
            });
}

void values::remove(std::string_view name) {
    const std::lock_guard lock(mutex_);
    if (const auto found = set_.find(name); found != set_.end())
        set_.erase(found);
}

std::any values::look(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = set_.find(name);
    return found == set_.end() ? std::any{} : found->second;
}

/// The value, or what will tell that there is one.
std::shared_ptr<async::event>
values::look(const std::string& name, async::loop& at, std::any& found) {
    const std::lock_guard lock(mutex_);
    if (const auto value = set_.find(name); value != set_.end()) {
        found = value->second;
        return nullptr;
    }
    auto event = std::make_shared<async::event>();
    auto& all = waiting_[name];
    std::erase_if(all, [](const waiting& one) { return one.set.expired(); });
    all.push_back({&at, event});
    return event;
}

task<std::any> values::wait(std::string name) {
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    std::any found;
    while (const auto event = look(name, here, found))
        co_await event->wait("a value");
    co_return found;
}

} // namespace aio::service
