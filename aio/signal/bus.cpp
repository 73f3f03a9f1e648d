#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/text.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/emission.hpp>
#include <aio/signal/near.hpp>
#include <aio/signal/table.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace aio::signal {

listeners::callee::~callee() = default;

void listeners::callee::call(const event&, std::any*) {}

task<void> listeners::callee::start(const event&, std::any*) {
    return {};
}

struct bus::state {
    state(async::loop& home_, error_log log_)
        : home(home_), log(std::move(log_)), posts(home_, "signal") {}

    std::shared_ptr<const audience> find(std::string_view name) {
        const std::lock_guard lock(mutex);
        return known.find(name);
    }

    // On the home loop.
    const audience* find_near(std::string_view name) {
        const std::uint64_t now = version.load(std::memory_order_acquire);
        if (const audience* known_lately = recent.find(name, now))
            return known_lately;
        auto to = find(name);
        if (!to || to->once || !to->only_on(home))
            return nullptr;
        recent.keep(name, now, to);
        return to.get();
    }

    void changed() noexcept { version.fetch_add(1, std::memory_order_release); }

    task<std::vector<std::any>> emit(
        std::shared_ptr<const audience> to,
        std::optional<std::string> label,
        std::any data,
        std::string emitter
    );
    task<void> emit_unheard(std::shared_ptr<const audience> to, std::any data, std::string emitter);

    async::loop& home;
    error_log log;
    mutable std::mutex mutex;
    table known;
    std::atomic<std::uint64_t> version{1};
    lately recent;
    std::unordered_map<std::type_index, converter> converters;
    async::task_group posts;
};

namespace {

std::string failures(std::string_view signal, const std::vector<std::exception_ptr>& errors) {
    std::string text = std::to_string(errors.size());
    text += errors.size() == 1 ? " listener of '" : " listeners of '";
    text += signal;
    text += "' failed";
    try {
        std::rethrow_exception(errors.front());
    } catch (const std::exception& first) {
        text += errors.size() == 1 ? ": " : ", first: ";
        text += first.what();
    } catch (...) {
        text += ", with an error of unknown type";
    }
    return text;
}

task<std::vector<std::any>> nobody() {
    co_return std::vector<std::any>();
}

} // namespace

emit_error::emit_error(
    std::string_view signal, std::vector<std::any> results, std::vector<std::exception_ptr> errors
)
    : std::runtime_error(failures(signal, errors)),
      results_(std::make_shared<const std::vector<std::any>>(std::move(results))),
      errors_(std::make_shared<const std::vector<std::exception_ptr>>(std::move(errors))) {}

bus::bus(async::loop& home, error_log log)
    : state_(std::make_unique<state>(home, std::move(log))) {}

bus::~bus() = default;

subscription bus::listen(std::string_view name, listener to, listen_options options) {
    auto one = std::make_shared<record>();
    one->name = base::lower_ascii(name);
    one->callee = to.target();
    one->identity = to.identity();
    one->loop = options.loop ? options.loop : &state_->home;
    one->options = std::move(options);
    const std::lock_guard lock(state_->mutex);
    state_->changed();
    return state_->known.add(std::move(one));
}

bool bus::unlisten(std::string_view name, const listener& to) {
    return unlisten(name, to.identity());
}

bool bus::unlisten(std::string_view name, const void* identity) {
    const std::lock_guard lock(state_->mutex);
    state_->changed();
    return state_->known.remove(name, identity);
}

bool bus::unlisten(subscription one) {
    const std::lock_guard lock(state_->mutex);
    state_->changed();
    return state_->known.remove(one);
}

task<std::vector<std::any>> bus::state::emit(
    std::shared_ptr<const audience> to,
    std::optional<std::string> label,
    std::any data,
    std::string emitter
) {
    async::loop* here = &home;
    if (!home.running_here())
        here = async::loop::of(co_await boost::asio::this_coro::executor);
    std::vector<std::any> results(to->results);
    const event what(to->name, data, emitter);
    const sending all{*to, what, label ? &*label : nullptr, log, results};
    emission one(all, *here, to);
    const bool over = one.start();
    if (to->once) {
        const std::lock_guard lock(mutex);
        known.sweep(*to);
    }
    if (!over)
        co_await one.suspend("emit");
    one.check();
    co_return std::move(results);
}

task<std::vector<std::any>>
bus::emit(std::string_view name, std::any data, std::string_view emitter) {
    if (emitter.empty() && state_->home.running_here())
        if (const audience* to = state_->find_near(name))
            return emit_near(pinned(state_->recent, *to), state_->log, std::move(data));
    if (auto to = state_->find(name))
        return state_->emit(std::move(to), std::nullopt, std::move(data), std::string(emitter));
    return nobody();
}

task<std::vector<std::any>> bus::emit_to(
    std::string_view label, std::string_view name, std::any data, std::string_view emitter
) {
    if (auto to = state_->find(name))
        return state_->emit(
            std::move(to), std::string(label), std::move(data), std::string(emitter)
        );
    return nobody();
}

// The errors are in the log already, each with its listener.
task<void>
bus::state::emit_unheard(std::shared_ptr<const audience> to, std::any data, std::string emitter) {
    try {
        co_await emit(std::move(to), std::nullopt, std::move(data), std::move(emitter));
    } catch (const emit_error&) {
    }
}

void bus::post(std::string_view name, std::any data, std::string_view emitter) {
    state_->home.post([state = state_.get(),
                       name = std::string(name),
                       data = std::move(data),
                       emitter = std::string(emitter)]() mutable {
        if (auto to = state->find(name))
            state->posts.spawn(
                name, state->emit_unheard(std::move(to), std::move(data), std::move(emitter))
            );
    });
}

task<void> bus::posted() {
    co_await state_->posts.join();
}

std::size_t bus::listeners(std::string_view name) const {
    const auto to = state_->find(name);
    return to ? to->seats.size() : 0;
}

std::vector<std::string> bus::names() const {
    const std::lock_guard lock(state_->mutex);
    return state_->known.names();
}

void bus::convert(std::type_index type, converter how) {
    const std::lock_guard lock(state_->mutex);
    state_->converters.insert_or_assign(type, std::move(how));
}

std::optional<std::string> bus::to_json(const std::any& data) const {
    if (!data.has_value())
        return "null";
    std::function<std::string(const std::any&)> how;
    {
        const std::lock_guard lock(state_->mutex);
        const auto found = state_->converters.find(data.type());
        if (found == state_->converters.end())
            return std::nullopt;
        how = found->second.to_json;
    }
    return how(data);
}

std::optional<std::any> bus::from_json(std::string_view type, std::string_view text) const {
    std::function<std::any(std::string_view)> how;
    {
        const std::lock_guard lock(state_->mutex);
        const auto found = std::ranges::find_if(state_->converters, [&](const auto& one) {
            return one.second.type == type;
        });
        if (found == state_->converters.end())
            return std::nullopt;
        how = found->second.from_json;
    }
    return how(text);
}

} // namespace aio::signal
