#pragma once

// One emit on one loop: it starts the listeners that live there, in order, and waits for those that
// suspend.

#include <aio/async/runner_list.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/signal/backlog.hpp>
#include <aio/signal/table.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <any>
#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace aio::signal {

/// The parts of an emit. They live in its frame until all listeners have completed.
struct sending {
    const audience& listeners;
    const event& sent;
    const std::string* label; ///< of the listeners that are meant; nullptr: all
    const bus::error_log& log;
    std::vector<std::any>& results;
    const void* sender = nullptr;           ///< of a typed signal
    const async::task_node* from = nullptr; ///< the task that emits, when a queue may ask
};

/// The result of a listener that was not called, until drop_uncalled().
struct uncalled {};

/// Leaves one result for each listener that was called and returns something.
void drop_uncalled(std::vector<std::any>& results);

/// Logs and counts what the listener of a seat has thrown.
void log_error(
    const bus::error_log& log,
    const audience& listeners,
    std::size_t seat,
    const std::exception_ptr& why
);

class delivery : private async::source, private async::keeper {
  public:
    using error = std::pair<std::size_t, std::exception_ptr>;

    /// Where a delivery takes place.
    enum class place {
        home, ///< on the loop of the emit
        away
    };

    delivery(const sending& parts, async::loop& here, place where = place::home)
        : what_(parts), here_(here), choosy_(
                                         parts.label || parts.listeners.once ||
                                         parts.listeners.strict || !parts.listeners.only_on(here)
                                     ),
          away_(where == place::away) {}

    struct all_meant {};

    static constexpr all_meant all_are_meant{};

    /// For an emit without a label on the only loop of the listeners, none of which is a `once` or
    /// belongs to a typed signal.
    delivery(const sending& parts, async::loop& here, all_meant)
        : what_(parts), here_(here), choosy_(false), away_(false) {}

    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;

    /// Starts the listeners before seat `end`. Returns true when all have completed; otherwise
    /// completed() follows. After true it may be called again with a higher seat. On the loop.
    bool run(std::size_t end);
    /// Cancels the listeners that are suspended. Their operation_aborted counts as no error. On the
    /// loop.
    void cancel_listeners(boost::asio::cancellation_type how);

    /// Throws emit_error when a listener has failed.
    void throw_if_failed() {
        if (!errors.empty())
            throw_errors();
    }

    /// The seats and errors of the listeners that failed.
    std::vector<error> errors;

    /// Notes and logs the error of a seat.
    void fail(std::size_t seat, std::exception_ptr why) noexcept;

  protected:
    ~delivery() {
        if (members_.first())
            disown();
    }

    /// Called when the last suspended listener has completed.
    virtual void completed() noexcept = 0;

    /// Away only: wraps the coroutine of a listener before it is started.
    virtual task<void> carried(task<void> work) { return work; }

    /// Away only: whether the emit still waits.
    virtual bool wanted() const noexcept { return true; }

    /// The suspended listeners have ended with their loop.
    void forget() noexcept { members_.forget(); }

    async::loop& here() const noexcept { return here_; }

    const sending& what() const noexcept { return what_; }

    /// After run(): adds the calls to the counters.
    void count() const noexcept {
        const std::size_t called = choosy_ ? called_ : what_.listeners.seats.size();
        what_.listeners.counts->deliveries.fetch_add(called, std::memory_order_relaxed);
    }

  private:
    void call_plain() noexcept;
    bool next(task<void>& into) noexcept override;
    void failed(std::exception_ptr why) noexcept override;
    void ended(async::runner& runner, std::exception_ptr why) noexcept override;
    void disown() noexcept;
    void keep(async::runner& member);
    [[noreturn]] void throw_errors();

    std::any* result_of(const audience::seat& seat) const noexcept;
    [[gnu::noinline]] bool passes_over(std::size_t seat) noexcept; ///< counts those it does not

    const sending& what_;
    async::loop& here_;
    const bool choosy_; ///< not all listeners are meant
    const bool away_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::size_t now_ = 0; ///< the seat next() gave last
    std::size_t suspended_ = 0;
    bool running_ = false;
    bool cancelled_ = false;
    async::runner_list members_;
    std::size_t called_ = 0; ///< when choosy
};

} // namespace aio::signal
