#pragma once

// The queue before a slow listener: a signal calls it in the place of the listener, which runs
// behind it, one call at a time, in order.

#include <aio/async/event.hpp>
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

/// Says in the log what a listener threw, and counts it.
void log_error(
    const bus::error_log& log,
    counters& counts,
    std::string_view listener,
    std::string_view signal,
    const std::exception_ptr& why
);

/// What is not an atomic belongs to the listener's loop.
class backlog final : public listeners::callee,
                      public std::enable_shared_from_this<backlog>,
                      private async::keeper {
  public:
    /// `options` say how long it is and what happens when it is full.
    backlog(
        std::shared_ptr<listeners::callee> to,
        async::loop& at,
        const listen_options& options,
        std::string signal,
        bus::error_log log,
        std::shared_ptr<counters> counts
    );
    ~backlog() override;

    queue_statistics statistics() const;

    /// Has something in it, or its listener is at work. From any thread.
    bool busy() const noexcept { return working_.load(std::memory_order_acquire); }

    /// For messages: "my.example.on_ticked (signal 'ticked')". From any thread.
    std::string title() const;

    /// Completes when it has nothing left to do; true when that was so at once. On the loop it is
    /// called on; ends with the queue.
    static task<bool> idle(std::shared_ptr<backlog> of);
    /// Completes when what is in it now has been heard, whatever comes meanwhile.
    static task<void> heard(std::shared_ptr<backlog> of);
    /// Ends what its listener does, and drops what is in it and what comes. From any thread.
    void cancel();

  private:
    class place_in_line;

    static call_function accept;
    static start_function accept_in_turn;

    bool full() const noexcept { return items_.size() >= most_; }

    void push(const event& what);
    void drop() noexcept;
    void begin();
    void cancel_here() noexcept;
    void note_length() noexcept;
    bool has_heard(std::uint64_t first) const noexcept;
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
    std::deque<const place_in_line*> line_; ///< emitters that wait for room
    async::event room_;                     ///< or who is first in the line has changed
    async::event progress_;                 ///< a call is over
    std::uint64_t came_ = 0;
    std::uint64_t left_ = 0;   ///< of those that came: have been taken out
    std::uint64_t called_ = 0; ///< which one the listener works at; 0: none
    bool cancelled_ = false;
    async::runner* running_ = nullptr;
    std::shared_ptr<backlog> self_; ///< while it works
    std::atomic<bool> working_{false};
    std::atomic<std::size_t> length_{0};
    std::atomic<std::size_t> longest_{0};
    std::atomic<std::uint64_t> drops_{0};
};

} // namespace aio::signal
