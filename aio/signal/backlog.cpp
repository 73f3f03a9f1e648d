#include <aio/async/hop.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/exception.hpp>
#include <aio/signal/backlog.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <any>
#include <stdexcept>
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
    log(line.append("signal '").append(signal).append("')"), why);
}

backlog::backlog(
    std::shared_ptr<listeners::callee> listener,
    async::loop& home,
    const listen_options& options,
    std::string signal,
    bus::error_log log,
    std::shared_ptr<counters> counts
)
    : callee(
          options.policy == queue_policy::wait ? nullptr : &accept,
          options.policy == queue_policy::wait ? &accept_in_turn : nullptr
      ),
      to_(std::move(listener)), at_(home),
      name_(options.name.empty() ? options.label : options.name), signal_(std::move(signal)),
      most_(options.queue), policy_(options.policy), log_(std::move(log)),
      counts_(std::move(counts)) {}

backlog::~backlog() = default;

std::string backlog::title() const {
    return (name_.empty() ? "a listener" : name_) + " (signal '" + signal_ + "')";
}

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
    if (!to.full()) {
        to.push(what);
        return;
    }
    to.drop();
    if (to.policy_ == queue_policy::drop_newest)
        return;
    to.items_.pop_front();
    ++to.left_;
    to.push(what);
}

void backlog::admit_next() noexcept {
    if (!full())
        emitters_.wake_first();
}

// Waiting emitters go first, even if room appears.
task<void> backlog::accept_in_turn(callee& self, const event& what, std::any*) {
    const auto to = static_cast<backlog&>(self).shared_from_this();
    const async::task_node* const emitter = std::exchange(to->emitter_, nullptr);
    if (!to->full() && to->emitters_.empty()) {
        to->push(what);
        co_return;
    }
    if (emitter && emitter == to->task_)
        throw std::logic_error(
            "it emits '" + what.name() + "' into its own full queue, and would wait for itself"
        );
    async::line::place mine(to->emitters_, [queue = to.get()] { return !queue->full(); });
    while (!mine.first() || to->full()) {
        co_await mine.suspend("the queue of a listener");
        mine.throw_if_cancelled();
    }
    to->push(what);
}

void backlog::drop() noexcept {
    drops_.fetch_add(1, std::memory_order_relaxed);
    counts_->drops.fetch_add(1, std::memory_order_relaxed);
}

void backlog::push(const event& what) {
    if (cancelled_)
        return drop();
    items_.push_back(what);
    ++came_;
    note_length();
    if (working_.exchange(true, std::memory_order_acq_rel))
        return;
    self_ = shared_from_this();
    try {
        at_.post([self = self_] { self->begin(); });
    } catch (...) {
        working_ = false;
        self_.reset();
        items_.pop_back();
        --came_;
        note_length();
        throw;
    }
}

void backlog::note_length() noexcept {
    length_.store(items_.size(), std::memory_order_relaxed);
    if (items_.size() > longest_.load(std::memory_order_relaxed))
        longest_.store(items_.size(), std::memory_order_relaxed);
}

void backlog::begin() {
    std::exception_ptr why;
    running_ = async::start_inline(at_, work(), *this, why);
    if (running_)
        running_->call(name_.empty() ? "a listener" : name_, "signal");
    else
        self_.reset();
}

task<void> backlog::work() {
    // When the loop ends before the work is over, ended() is not called.
    struct leaving {
        backlog& of;
        bool over = false;

        ~leaving() {
            if (!over) {
                of.running_ = nullptr;
                of.task_ = nullptr;
                const auto gone = std::move(of.self_);
            }
        }
    } on_leave{*this};

    task_ = async::task_node::of(co_await boost::asio::this_coro::executor);
    while (!items_.empty()) {
        event next = std::move(items_.front());
        items_.pop_front();
        called_ = ++left_;
        note_length();
        admit_next();
        co_await call(std::move(next));
        called_ = 0;
        progress_.set();
    }
    task_ = nullptr;
    on_leave.over = true;
    working_.store(false, std::memory_order_release);
    progress_.set(); // without an event there was no call: a cancellation has taken them
}

task<bool> backlog::idle_here(std::shared_ptr<backlog> queue) {
    const bool at_once = !queue->busy();
    while (queue->busy()) {
        queue->progress_.reset();
        co_await queue->progress_.wait("the listeners behind queues");
    }
    co_return at_once;
}

task<bool> backlog::idle(std::shared_ptr<backlog> queue) {
    co_return co_await async::on(queue->at_, [queue] { return idle_here(queue); });
}

bool backlog::has_heard(std::uint64_t number) const noexcept {
    return left_ >= number && (called_ == 0 || called_ > number);
}

task<void> backlog::heard_here(std::shared_ptr<backlog> queue) {
    for (const std::uint64_t last = queue->came_; !queue->has_heard(last);) {
        queue->progress_.reset();
        co_await queue->progress_.wait("the listeners behind queues");
    }
}

task<void> backlog::heard(std::shared_ptr<backlog> queue) {
    co_await async::on(queue->at_, [queue] { return heard_here(queue); });
}

void backlog::cancel() {
    at_.post([self = shared_from_this()] { self->cancel_here(); });
}

void backlog::cancel_here() noexcept {
    cancelled_ = true;
    while (!items_.empty()) {
        items_.pop_front();
        ++left_;
        drop();
    }
    note_length();
    admit_next();
    progress_.set();
    if (running_)
        running_->cancel(boost::asio::cancellation_type::terminal);
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
        if (!cancelled_)
            log_error(log_, *counts_, name_, what.name(), std::current_exception());
    }
}

// work() throws nothing. `gone` may be the last reference to the queue.
void backlog::ended(async::runner&, std::exception_ptr) noexcept {
    running_ = nullptr;
    const auto gone = std::move(self_);
}

} // namespace aio::signal
