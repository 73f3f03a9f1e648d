#include <aio/base/error_words.hpp>
#include <aio/log/handler_scope.hpp>
#include <aio/log/node.hpp>
#include <aio/log/pending_flush.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace aio::log {

namespace {

void format_message(
    fmt::memory_buffer& memory_buffer, fmt::string_view format, fmt::format_args args
) {
    try {
        fmt::vformat_to(std::back_inserter(memory_buffer), format, args);
    } catch (const std::exception& e) {
        memory_buffer.clear();
        fmt::format_to(
            std::back_inserter(memory_buffer),
            "{} (cannot be formatted: {})",
            format,
            base::words_of(e)
        );
    }
}

} // namespace

node::node(std::string name, node* parent, complaints& complaints, find_child find)
    : logger(std::move(name)), parent_(parent), complaints_(complaints), find_(std::move(find)),
      route_(std::make_shared<route>()) {}

level node::effective() const noexcept {
    for (const node* one = this; one; one = one->parent_)
        if (one->configured.at)
            return *one->configured.at;
    return level::trace;
}

void node::reroute(const handlers& always, std::shared_ptr<const base::secret_texts> hidden) {
    auto found = std::make_shared<route>();
    found->hidden = std::move(hidden);
    handlers& targets = found->to;
    targets = always;
    for (const node* one = this; one; one = one->configured.propagate ? one->parent_ : nullptr)
        targets.insert(targets.end(), one->configured.own.begin(), one->configured.own.end());
    level lowest = level::off;
    for (const auto& handler : targets)
        lowest = std::min(lowest, handler->at_least());
    std::shared_ptr<const route> next = std::move(found);
    { // the handlers of the route before are destroyed without the lock: they may log
        const std::lock_guard lock(route_lock_);
        route_.swap(next);
    }
    // `off` is a level nothing is logged at; a logger that is off stays one above the highest.
    threshold_.store(static_cast<int>(std::max(effective(), lowest)), std::memory_order_relaxed);
}

std::shared_ptr<const route> node::way() {
    const std::lock_guard lock(route_lock_);
    return route_;
}

/// Logging never throws, whatever an argument or a foreign sink throws.
template <typename Work>
void node::guarded(Work work) noexcept {
    try {
        work();
    } catch (const std::exception& e) {
        complaints_.lost_by_handler(name(), base::words_of(e));
    } catch (...) {
        complaints_.lost_by_handler(name(), "unknown exception");
    }
}

namespace {

/// A warning, or a record that no turn of a loop will write out, is written at once.
void hand_over(const record& entry, const std::shared_ptr<handler>& target) {
    target->log(entry);
    if (target->collects() && (entry.severity >= level::warning || !flush_with_turn(target)))
        target->flush();
}

} // namespace

void node::write(level severity, fmt::string_view format, fmt::format_args args) {
    if (handler_scope::entered() || severity >= level::off)
        return;
    guarded([&] {
        fmt::memory_buffer text;
        format_message(text, format, args);
        const auto along = way();
        std::string masked;
        std::string_view message(text.data(), text.size());
        if (along->hidden)
            message = masked = along->hidden->mask(message);
        const record entry{severity, name(), message, std::chrono::system_clock::now()};
        const handler_scope scope;
        for (const auto& each : along->to)
            if (severity >= each->at_least())
                guarded([&] { hand_over(entry, each); });
    });
}

} // namespace aio::log
