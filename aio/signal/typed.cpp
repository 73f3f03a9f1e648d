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

subscription hub::add(listener listener, const connect_options& options) {
    auto made = std::make_shared<record>();
    made->name = signal_name;
    made->callee = listener.target();
    made->identity = listener.identity();
    made->loop = options.loop;
    made->from = options.sender;
    made->options.once = options.once;
    const std::lock_guard lock(inside_->mutex);
    if (const record* const same = inside_->known.find_same(*made))
        return same->id;
    return inside_->known.add(std::move(made));
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
    std::shared_ptr<const audience> listeners;
    {
        const std::lock_guard lock(inside_->mutex);
        listeners = inside_->known.find(signal_name);
    }
    return listeners ? deliver(shared_from_this(), std::move(listeners), from, data) : nobody();
}

task<void> hub::deliver(
    std::shared_ptr<hub> self,
    std::shared_ptr<const audience> listeners,
    const void* from,
    const void* data
) {
    async::loop& here = *async::loop::of(co_await boost::asio::this_coro::executor);
    std::vector<std::any> results;
    const std::any with(data);
    const event received(listeners->name, with, listeners->nobody);
    const sending all{*listeners, received, nullptr, no_log, results, from};
    emission owner(all, here, listeners);
    if (!owner.start())
        co_await owner.outlast("emit");
    if (listeners->once) {
        table::records removed; // ends after the lock
        const std::lock_guard lock(self->inside_->mutex);
        removed = self->inside_->known.sweep(*listeners);
    }
    owner.check();
}

} // namespace aio::signal
