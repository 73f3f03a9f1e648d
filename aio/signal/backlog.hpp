#pragma once

// The queue of a slow listener. The signal calls the queue in the place of the listener; the queue
// calls the listener, one event at a time, in order.

#include <aio/async/event.hpp>
#include <aio/async/line.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/listener.hpp>
#include <aio/signal/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace aio::signal {

/// Logs and counts what a listener has thrown.
void log_error(
    const bus::error_log& log,
    counters& counts,
    std::string_view listener,
    std::string_view signal,
    const std::exception_ptr& why
);

/// All members that are no atomics are used on the listener's loop only.
class backlog final : public listeners::callee,
                      public std::enable_shared_from_this<backlog>,
                      private async::keeper {
  public:
    /// `options` have the length of the queue and the policy.
    backlog(
        std::shared_ptr<listeners::callee> listener,
        async::loop& home,
        const listen_options& options,
        std::string signal,
        bus::error_log log,
        std::shared_ptr<counters> counts
    );
    ~backlog() override;

    queue_statistics statistics() const;

    /// Whether there are events in it, or its listener runs. From any thread.
    bool busy() const noexcept { return working_.load(std::memory_order_acquire); }

    /// For messages: "my.example.on_ticked (signal 'ticked')". From any thread.
    std::string title() const;

    /// Waits until the queue is empty and the listener does not run. True when it was so at once.
    /// Completes: then; on the caller's loop.
    /// Loop: any.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    static task<bool> idle(std::shared_ptr<backlog> queue);
    /// As idle(), for the events that are in it now; later ones are not waited for.
    static task<void> heard(std::shared_ptr<backlog> queue);
    /// Cancels the listener, and drops the events in the queue and those that come later. From any
    /// thread.
    void cancel();

    /// The task that emits what is accepted next. Before each call, when there is one.
    void comes_from(const async::task_node* task) noexcept { emitter_ = task; }

  private:
    static call_function accept;
    static start_function accept_in_turn;

    bool full() const noexcept { return items_.size() >= most_; }

    void push(const event& what);
    void drop() noexcept;
    void admit_next() noexcept;
    void begin();
    void cancel_here() noexcept;
    void note_length() noexcept;
    bool has_heard(std::uint64_t number) const noexcept;
    static task<bool> idle_here(std::shared_ptr<backlog> queue);
    static task<void> heard_here(std::shared_ptr<backlog> queue);
    task<void> work();
    task<void> call(event what);
    void ended(async::runner& by, std::exception_ptr why) noexcept override;

    const std::shared_ptr<listeners::callee> to_;
    async::loop& at_;
    const std::string name_;
    const std::string signal_;
    const std::size_t most_;
    const queue_policy policy_;
    const bus::error_log log_;
    const std::shared_ptr<counters> counts_;

    std::deque<event> items_;
    async::line emitters_;     ///< that wait for room
    async::event progress_;    ///< a call is over
    std::uint64_t came_ = 0;   ///< events so far
    std::uint64_t left_ = 0;   ///< of these, taken out
    std::uint64_t called_ = 0; ///< the number of the event the listener works at; 0: none
    bool cancelled_ = false;
    async::runner* running_ = nullptr;
    const async::task_node* task_ = nullptr;    ///< the listener runs in it; only compared
    const async::task_node* emitter_ = nullptr; ///< only compared
    std::shared_ptr<backlog> self_;             ///< while the listener runs
    std::atomic<bool> working_{false};
    std::atomic<std::size_t> length_{0};
    std::atomic<std::size_t> longest_{0};
    std::atomic<std::uint64_t> drops_{0};
};

} // namespace aio::signal
