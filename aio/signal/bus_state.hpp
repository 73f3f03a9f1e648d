#pragma once

// The state of a bus.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/signal/backlog.hpp>
#include <aio/signal/near.hpp>
#include <aio/signal/table.hpp>
#include <aio/signal/under_way.hpp>
#include <aio/signal/weak_list.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aio::signal {

struct bus::state {
    /// A typed signal that is counted under a name.
    struct included {
        std::string name;
        std::weak_ptr<const hub> signal;

        bool expired() const noexcept { return signal.expired(); }
    };

    state(async::loop& home_, error_log log_)
        : home(home_), log(std::move(log_)), posts(home_, "signal") {}

    std::shared_ptr<const audience> find(std::string_view name) {
        const std::lock_guard lock(mutex);
        return known.find(name);
    }

    // On the home loop. nullptr: not all of them live there, or nobody listens.
    const audience* find_near(std::string_view name) {
        const std::uint64_t now = version.load(std::memory_order_acquire);
        const audience* const known_lately = recent.find(name, now);
        return known_lately ? known_lately : learn(name, now);
    }

    [[gnu::noinline]] const audience* learn(std::string_view name, std::uint64_t now) {
        auto listeners = find(name);
        if (!listeners || listeners->once || listeners->queued || !listeners->only_on(home))
            return nullptr;
        recent.keep(name, now, listeners);
        return listeners.get();
    }

    void sweep(const audience& called) {
        if (!called.once)
            return;
        table::records removed; // ends after the lock
        const std::lock_guard lock(mutex);
        removed = known.sweep(called);
    }

    /// Also the queues of removed listeners, as long as they have something to do.
    std::vector<std::shared_ptr<backlog>> all_queues() const {
        std::vector<std::shared_ptr<backlog>> all;
        const std::lock_guard lock(mutex);
        for (const auto& backlog : queues)
            if (auto alive = backlog.lock())
                all.push_back(std::move(alive));
        return all;
    }

    task<bool> drain();

    void changed() noexcept { version.fetch_add(1, std::memory_order_release); }

    /// `remove` takes listeners out of the table and gives them back: they end after the lock.
    template <typename Remove>
    bool unlisten(Remove remove) {
        table::records removed;
        {
            const std::lock_guard lock(mutex);
            changed();
            removed = remove(known);
        }
        if (home.running_here())
            recent.forget_others(version.load(std::memory_order_acquire));
        return !removed.empty();
    }

    task<std::vector<std::any>> emit(
        std::shared_ptr<const audience> listeners,
        std::optional<std::string> label,
        std::any data,
        std::string emitter
    );
    task<std::vector<std::any>>
    emit_far(std::string_view name, std::any& data, std::string_view emitter);
    task<void> emit_unheard(
        std::shared_ptr<const audience> listeners,
        std::any data,
        std::string emitter,
        under_way::round posted_in
    );

    async::loop& home;
    error_log log;
    mutable std::mutex mutex;
    table known;
    std::atomic<std::uint64_t> version{1};
    lately recent;
    std::unordered_map<std::type_index, converter> converters;
    weak_list<std::weak_ptr<backlog>> queues;
    weak_list<included> typed;
    under_way posted;
    async::task_group posts;
};

} // namespace aio::signal
