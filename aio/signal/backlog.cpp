#include <aio/async/hop.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/exception.hpp>
#include <aio/signal/backlog.hpp>

#include <algorithm>
#include <any>
#include <utility>

namespace aio::signal {

void log_error(
    const bus::error_log& log,
    counters& counts,
    std::string_view listener,
    std::string_view signal,
    const std::exception_ptr& why
) {
    counts.errors.fetch_add(1, std::memory_order_relaxed);
    if (!log)
        return;
    std::string line = "Error calling listener: " + base::message_of(why) + " (";
    if (!listener.empty())
        line.append(listener).append(", ");
    log(line.append("signal '").append(signal).append("')"));
}

backlog::backlog(
    std::shared_ptr<listeners::callee> to,
    async::loop& at,
    const listen_options& options,
    bus::error_log log,
    std::shared_ptr<counters> counts
)
    : callee(
          options.policy == queue_policy::wait ? nullptr : &accept,
          options.policy == queue_policy::wait ? &accept_in_turn : nullptr
      ),
      to_(std::move(to)), at_(at), name_(options.name.empty() ? options.label : options.name),
      most_(options.queue), policy_(options.policy), log_(std::move(log)),
      counts_(std::move(counts)) {}

queue_statistics backlog::statistics() const {
    return {
        name_,
        length_.load(std::memory_order_relaxed),
        longest_.load(std::memory_order_relaxed),
        most_,
        drops_.load(std::memory_order_relaxed)
    };
}

void backlog::accept(callee& self, const event& what, std::any*) {
    backlog& to = static_cast<backlog&>(self);
    if (to.items_.size() < to.most_) {
        to.push(what);
        return;
    }
    to.drop();
    if (to.policy_ == queue_policy::drop_newest)
        return;
    to.items_.pop_front();
    to.push(what);
}

task<void> backlog::accept_in_turn(callee& self, const event& what, std::any*) {
    const auto to = static_cast<backlog&>(self).shared_from_this();
    while (to->items_.size() >= to->most_) {
        to->room_.reset();
        co_await to->room_.wait("the queue of a listener");
    }
    to->push(what);
}

void backlog::drop() noexcept {
    drops_.fetch_add(1, std::memory_order_relaxed);
    counts_->drops.fetch_add(1, std::memory_order_relaxed);
}

void backlog::push(const event& what) {
    items_.push_back(what);
    note_length();
    if (std::exchange(working_, true))
        return;
    at_.post([self = shared_from_this()] { self->begin(); });
}

void backlog::note_length() noexcept {
    length_.store(items_.size(), std::memory_order_relaxed);
    if (items_.size() > longest_.load(std::memory_order_relaxed))
        longest_.store(items_.size(), std::memory_order_relaxed);
}

void backlog::begin() {
    std::exception_ptr why;
    if (async::runner* one = async::start_inline(at_, work(shared_from_this()), *this, why))
        one->call(name_.empty() ? "a listener" : name_, "signal");
}

task<void> backlog::work(std::shared_ptr<backlog> self) {
    while (!self->items_.empty()) {
        event next = std::move(self->items_.front());
        self->items_.pop_front();
        self->note_length();
        self->room_.set();
        co_await self->call(std::move(next));
    }
    self->working_ = false;
    self->idle_.set();
}

task<void> backlog::idle(std::shared_ptr<backlog> of) {
    co_await async::on(of->at_, [of]() -> task<void> {
        while (of->working_) {
            of->idle_.reset();
            co_await of->idle_.wait("the listeners behind queues");
        }
    });
}

task<void> backlog::call(event what) {
    try {
        std::any result;
        std::any* const into = to_->returns ? &result : nullptr;
        if (to_->start)
            co_await to_->start(*to_, what, into);
        else
            to_->call(*to_, what, into);
    } catch (...) {
        log_error(log_, *counts_, name_, what.name(), std::current_exception());
    }
}

// Work() throws nothing.
void backlog::ended(async::runner&, std::exception_ptr) noexcept {}

} // namespace aio::signal
