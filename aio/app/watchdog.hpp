#pragma once

// The one thread that is never busy. It owns the process signals, the stop deadline and the check
// for blocked loops, and it alone may end the process by force: it takes no lock that a loop can
// hold, uses no logger, and asks before it writes to a pipe that may be full. While all loops rest
// it sleeps. It makes the report when another thread crashes.

#include <aio/app/loop_watch.hpp>
#include <aio/app/watchdog_report.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <pthread.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::app {

/// Called on the watchdog's thread; they wait for nobody, but for flush_log_at_end.
struct watchdog_hooks {
    std::function<void(int signal)> stop; ///< SIGTERM, SIGINT, SIGHUP: the first one
    std::function<void()> reopen;         ///< SIGUSR1
    std::function<void()> print_tasks;    ///< SIGUSR2
    /// A loop is blocked: what log files have collected is to be seen.
    std::function<void()> flush_log;
    /// The end comes, by force or after a crash: what any log handler has collected is to be seen.
    /// The only one that may wait, for a moment.
    std::function<void()> flush_log_at_end;
};

class AIO_API watchdog {
  public:
    /// Starts the thread. block_process_signals() has been called before any other thread began.
    /// `stop_within`: the first stop signal arms the deadline by itself, since a blocked loop
    /// cannot. Throws std::system_error when the system refuses to let a thread wait for signals,
    /// or to signal a thread.
    watchdog(
        watchdog_hooks hooks,
        std::optional<base::duration> blocking_timeout,
        std::optional<base::duration> stop_within = {}
    );
    /// Joins. The hooks are still told of a signal that has come before.
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    /// The thread has to live until unwatch() is called.
    void watch(watched_loop loop);
    /// Has to be called before the thread ends.
    void unwatch(pthread_t thread);
    /// The units that are named at an end by force when there are no last words; until
    /// unwatch_all().
    void watch(std::vector<watched_unit> units);
    void unwatch_all();

    /// Ends the process with status 70 once `within` has passed from now. Only the first call
    /// counts. From any thread.
    void arm(base::duration within);

    /// The same, and a later moment is replaced.
    void shorten(base::duration within);

    /// Says that the main thread prepares the start: no loop turns yet, nothing has started, and
    /// the thread may wait, such as for a resolver. Until prepared() the first stop signal, also
    /// one that came before, ends the process within a second, with status 0.
    void preparing();
    void prepared();

    /// Called before the objects that hooks, loops and units refer to are destroyed: none of them
    /// is called once this returns. The signals, the deadline and the last words stay.
    void retire(std::string last_words);

    /// Printed on standard error before an end by force: what has not ended and what it awaits.
    void last_words(std::string text);
    /// The text that an end by force would print now: last_words() and the blocked loops.
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
