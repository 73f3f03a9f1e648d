#pragma once

// The one thread that is never busy. It owns the process signals, the stop deadline and the check
// for blocked loops, and it alone may end the process by force: it takes no lock a loop can hold,
// uses no logger, and asks before it writes to a pipe that may be full.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <pthread.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::app {

/// A loop as the watchdog sees it.
struct watched_loop {
    std::string name;
    pthread_t thread;
    /// How long the handler that runs now has been running; zero when the loop waits.
    std::function<base::duration()> busy_for;
    /// Called once the loop turns again after a report, with the time it was blocked.
    std::function<void(base::duration)> recovered;

    watched_loop(
        std::string name_,
        pthread_t thread_,
        std::function<base::duration()> busy_for_,
        std::function<void(base::duration)> recovered_
    )
        : name(std::move(name_)), thread(thread_), busy_for(std::move(busy_for_)),
          recovered(std::move(recovered_)) {}
};

/// Something that is to end before the stop deadline, as it is seen from outside its loop.
struct watched_unit {
    std::string line;           ///< what is said of it, with its line end
    std::function<bool()> runs; ///< waits for nothing

    watched_unit(std::string line_, std::function<bool()> runs_)
        : line(std::move(line_)), runs(std::move(runs_)) {}
};

/// Called on the watchdog's thread; they wait for nobody.
struct watchdog_hooks {
    std::function<void(int signal)> stop; ///< SIGTERM, SIGINT, SIGHUP: the first one
    std::function<void()> reopen;         ///< SIGUSR1
    std::function<void()> print_tasks;    ///< SIGUSR2
    /// A loop is blocked, or the end comes by force: what the log has collected is to be seen.
    std::function<void()> flush_log;
};

/// Blocks the signals a watchdog handles in the calling thread and all it will start; they wait
/// until a watchdog takes them. SIGHUP and SIGINT that are ignored stay so: nohup, and what a shell
/// runs in the background. First thing of `aio run`. Also ignores SIGPIPE.
AIO_API void block_process_signals();

class AIO_API watchdog {
  public:
    /// Starts the thread. block_process_signals() has been called before any other thread began.
    /// `stop_within`: the first stop signal arms the deadline by itself, since a blocked loop
    /// cannot.
    watchdog(
        watchdog_hooks hooks,
        std::optional<base::duration> blocking_timeout,
        std::optional<base::duration> stop_within = {}
    );
    ~watchdog(); ///< joins
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    /// The thread has to live until it is unwatched.
    void watch(watched_loop loop);
    /// Before the thread ends.
    void unwatch(pthread_t thread);
    /// Named at an end by force of which nobody could say the last words; until unwatch_all().
    void watch(std::vector<watched_unit> units);
    void unwatch_all();

    /// From now on the process ends with status 70 when `within` has passed, unless disarmed. The
    /// first call counts.
    void arm(base::duration within);
    void disarm() noexcept;
    /// Printed on standard error before an end by force: who has not ended and what it awaits.
    void last_words(std::string text);
    /// What it would say at an end by force now: last_words() and who is blocked.
    std::string report() const;
    /// Called on the watchdog's thread before every end by force: system calls only, it waits for
    /// nothing and allocates nothing.
    void before_force(std::function<void(int status)> farewell);

  private:
    struct state;
    void run();
    std::unique_ptr<state> state_;
};

} // namespace aio::app
