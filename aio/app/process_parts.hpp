#pragma once

// What `aio run` is made of, and the steps before its loop turns. Private to app/.

#include <aio/app/app.hpp>
#include <aio/app/daemon.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/pid_file.hpp>
#include <aio/app/process.hpp>
#include <aio/app/repeated_answer.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/memory_reserve.hpp>
#include <aio/log/tree.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::app {

/// How long the main loop waits until the reader of standard error takes its text.
inline constexpr std::chrono::milliseconds patience(100);

/// What stays until the process exits. The watchdog's thread uses all of it.
struct lasting {
    pid_file pid;
    starting_line caller;
    std::unique_ptr<watchdog> dog;
    int status = success;
    bool user_code_runs =
        false; ///< user code still runs after the stop, so nothing it uses may be destroyed
};

/// Closes a loop before the parts that its coroutines use go. The loop itself stays.
class closed_at_end {
  public:
    explicit closed_at_end(async::loop& loop) noexcept : loop_(loop) {}

    closed_at_end(const closed_at_end&) = delete;
    closed_at_end& operator=(const closed_at_end&) = delete;

    ~closed_at_end() { loop_.close(); }

  private:
    async::loop& loop_;
};

/// Where standard output and error of the process go.
enum class output_stage {
    caller,  ///< where those of its caller go; without -d always
    own,     ///< to its log_file, or nowhere when it has none
    searched ///< the log_file is out of reach: see search_output()
};

/// The parts of `aio run`; they are destroyed in the reverse order.
struct process {
    /// Stops the app because of `stop_signal`. Main loop.
    void obey_signal();

    process_options options;
    lasting& rest;
    base::memory_reserve spare; ///< for a stop
    std::atomic<int> stop_signal{0};
    async::standing_call<process, &process::obey_signal> obedience{*this}; ///< outlives `main`
    daemon_output output; ///< until it is taken over
    async::loop main;     ///< worker threads and other loops post to it as long as the app exists
    app application;
    log::capture reasons; ///< a daemon's start: what goes wrong is printed, too
    closed_at_end main_end{main};
    async::task_group tasks;
    repeated_answer list;      ///< SIGUSR2
    repeated_answer reopening; ///< SIGUSR1
    bool everything_started = false;
    bool run_is_over = false;
    output_stage stage = output_stage::caller;

    process(configuration from, const process_options& options_, lasting& rest_);
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    ~process();
};

/// Takes over HOME and the like of the user of `[aio] user`, if there is one. The process has no
/// other thread yet. Throws std::system_error.
void take_environment(const process& p);

/// Sets the umask and the working directory. Throws start_failed.
void set_up_surroundings(const settings& process);

/// Throws bad_configuration when the path cannot be right, otherwise start_failed.
pid_file take_pid_file(const app& application);

/// Obeys signals from here on. Called before anything that may take long, such as looking up a
/// name.
void start_watchdog(process& p);

/// Makes and prepares the services. This can take long when a name is looked up or a key is read
/// from a pipe.
void prepare(process& p);

/// Becomes the user of `[aio] user`, if there is one.
void drop_privileges(process& p);

/// Runs the code of modules that was left for that user: makes their services and log handlers.
/// From its end on a stop waits for the loop to turn. Throws: see app::finish_preparation().
void end_preparation(process& p);

/// Removes the pid file. If the process may not, the file is emptied and the log says so.
void leave_pid_file(process& p);

} // namespace aio::app
