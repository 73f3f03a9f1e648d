#include <aio/async/loop.hpp>
#include <aio/signal/emission.hpp>
#include <aio/signal/typed.hpp>

#include <boost/asio/this_coro.hpp>

#include <mutex>

namespace aio::signal {

// One signal of a table is its list of handlers.
struct hub::inside {
    mutable std::mutex mutex;
    table known{table::calls::never_once_removed};
};

namespace {

const std::string signal_name = "a typed signal";

const bus::error_log no_log;

task<void> nobody() {
    co_return;
}

} // namespace

hub::hub() : inside_(std::make_unique<inside>()) {}

hub::~hub() = default;

subscription hub::add(listener to, const connect_options& options) {
    auto one = std::make_shared<record>();
    one->name = signal_name;
    one->callee = to.target();
    one->identity = to.identity();
    one->loop = options.loop;
    one->from = options.sender;
    one->options.once = options.once;
    const std::lock_guard lock(inside_->mutex);
    if (const record* const same = inside_->known.find_same(*one))
        return same->id;
    return inside_->known.add(std::move(one));
}

bool hub::remove(subscription id) {
    table::records removed; // ends after the lock
    const std::lock_guard lock(inside_->mutex);
    removed = inside_->known.remove(id);
    return !removed.empty();
}

bool hub::remove(const void* identity) {
    table::records removed; // ends after the lock
    const std::lock_guard lock(inside_->mutex);
    removed = inside_->known.remove(signal_name, identity);
    return !removed.empty();
}

std::size_t hub::size() const {
    const std::lock_guard lock(inside_->mutex);
    const auto all = inside_->known.find(signal_name);
    return all ? all->seats.size() : 0;
}

signal_statistics hub::statistics() const {
    signal_statistics all;
    {
        const std::lock_guard lock(inside_->mutex);
        if (auto counted = inside_->known.statistics(); !counted.empty())
            all = std::move(counted.front());
    }
    all.name.clear();
    return all;
}

task<void> hub::emit(const void* from, const void* data) {
    std::shared_ptr<const audience> to;
    {
        const std::lock_guard lock(inside_->mutex);
        to = inside_->known.find(signal_name);
    }
    return to ? deliver(shared_from_this(), std::move(to), from, data) : nobody();
}

task<void> hub::deliver(
    std::shared_ptr<hub> self,
    std::shared_ptr<const audience> to,
    const void* from,
    const void* data
) {
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    std::vector<std::any> results;
    const std::any with(data);
    const event what(to->name, with, to->nobody);
    const sending all{*to, what, nullptr, no_log, results, from};
    emission one(all, here, to);
    if (!one.start())
        co_await one.suspend("emit");
    if (to->once) {
        table::records removed; // ends after the lock
        const std::lock_guard lock(self->inside_->mutex);
        removed = self->inside_->known.sweep(*to);
    }
    one.check();
}

} // namespace aio::signal
