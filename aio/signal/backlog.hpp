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
        bus::error_log log,
        std::shared_ptr<counters> counts
    );

    queue_statistics statistics() const;

    /// Completes when it has nothing left to do. On the loop it is called on; ends with the queue.
    static task<void> idle(std::shared_ptr<backlog> of);

  private:
    static call_function accept;
    static start_function accept_in_turn;

    void push(const event& what);
    void drop() noexcept;
    void begin();
    void note_length() noexcept;
    static task<void> work(std::shared_ptr<backlog> self);
    task<void> call(event what);
    void ended(async::runner& by, std::exception_ptr why) noexcept override;

    const std::shared_ptr<listeners::callee> to_;
    async::loop& at_;
    const std::string name_;
    const std::size_t most_;
    const queue_policy policy_;
    const bus::error_log log_;
    const std::shared_ptr<counters> counts_;

    std::deque<event> items_;
    async::event room_;
    async::event idle_;
    bool working_ = false;
    std::atomic<std::size_t> length_{0};
    std::atomic<std::size_t> longest_{0};
    std::atomic<std::uint64_t> drops_{0};
};

} // namespace aio::signal
