#pragma once

// The application: what a configuration becomes when it runs. `aio run` makes one, and so does any
// program or test:
//
//     aio::app::app a{aio::app::configure("[schedule/x]\nevery = 1\nfunc = my.example.tick\n")};
//     co_await a.start();
//     …
//     co_await a.stop();
//
// It runs on the loop that start() is called on. It handles no process signals and never exits.
// Several may live in one process. Destroying it frees everything: ports, files, registry.

#include <aio/app/load.hpp>
#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/service/figures.hpp>
#include <aio/service/graph.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/tree.hpp>

#include <pthread.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {
class tree;
}

namespace aio::app {

/// A configuration that was read and planned: what an app is made of.
struct configuration {
    loaded source;
    aio::app::plan plan;
    base::diagnostics problems; ///< of loading and planning

    configuration() = default;
};

/// Thrown by the one-line form of configure(): the text is the rendered diagnostics.
struct AIO_API bad_configuration : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Loads and plans; problems are inside.
AIO_API configuration configure(const load_request& request);
/// From INI text, without files or environment. Throws bad_configuration.
AIO_API configuration configure(std::string text);

/// How the app has ended.
enum class outcome {
    clean,      ///< everything ended in time
    crashed,    ///< a service could not start, or crashed for good, or a hook of the stop failed
    cut_short,  ///< everything ended in time, but a hook of the stop was cut off
    unfinished, ///< something had not ended when the deadline passed
};

/// Thrown by start() when something failed, or when the app was told to stop during its start.
/// Every failure has been logged, and what had started has been stopped. stop() returns the outcome
/// of that stop.
struct AIO_API start_failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown by prepare(), finish_preparation() and start() after hold(): nothing has failed.
struct AIO_API held_back final : start_failed {
    using start_failed::start_failed;
};

class AIO_API app final : public service::runtime {
  public:
    explicit app(configuration from);
    /// Precondition: everything has stopped, or nothing was started.
    ~app() override;

    /// Opens the logs, makes the services for the loops they will run on and binds every socket:
    /// all that needs privileges. start() calls it for its own loop, unless it was called before.
    /// Throws: start_failed, also on a call after a failed one; bad_configuration when a log cannot
    /// be opened.
    void prepare(async::loop& main);

    /// Subscribes the listeners, emits aio-starting, starts the services in dependency order, emits
    /// aio-started.
    /// Completes: when everything has started.
    /// Loop: the main one; the first call decides which that is.
    /// Cancelled: what had started is stopped.
    /// Throws: start_failed, once everything that had started has stopped; also what prepare()
    /// throws.
    task<void> start();

    /// Waits until the app has to stop.
    /// Completes: when stop_soon() was called, or something has crashed for good.
    /// Loop: the main one.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> stop_requested();

    /// From here on nothing starts, and nothing that crashes is restarted. stop_soon() has to
    /// follow, which takes effect only when the main loop turns. From any thread; waits for
    /// nothing.
    void hold() noexcept;
    /// Whether hold() was called. From any thread.
    bool held() const noexcept;

    /// Stops everything, within `[aio] stop_timeout` (stop.cpp). After a stop: its outcome.
    /// Completes: when everything has ended, at the latest at the deadline.
    /// Loop: the main one.
    /// Cancelled: what has not been stopped keeps running. Then operation_aborted.
    task<outcome> stop();

    /// After outcome::cut_short: the hooks that were cut off, one per line.
    std::string cut_off_hooks() const;

    /// `call` is called during a stop with a text that names each part that has not ended and what
    /// it awaits, one per line. The watchdog prints this text if it ends the process by force.
    void on_unfinished(std::function<void(std::string)> call);

    /// `call` is called once, when the app is first asked to stop or its start has failed, on the
    /// thread that asks: before anything is stopped, and so before user code can block the stop.
    void on_stop_asked(std::function<void()> call);

    /// `call` is called at the begin of each thread of workers() and lookups(). It throws nothing.
    /// Before prepare().
    void on_worker_thread(std::function<void()> call);

    /// Calls a function with every unit and the name of its loop. From prepare() on. A unit tells
    /// its state to any thread.
    void each_unit(const std::function<void(const service::unit&, const std::string&)>& call) const;

    /// Reopens the log files. Returns false when a file cannot be opened; the failure is logged and
    /// the old file is kept. From any thread.
    bool reopen_logs();
    /// Changes the owner of the log files, and of the files that services made, to the user that
    /// the process will become. Failures are logged. After prepare().
    void give_to(uid_t user, gid_t group);

    /// Does what prepare() has left for later. Code of modules is to run as the user that the
    /// process becomes, so when it is going to become another one, log handlers of modules are
    /// opened and [service/*] are made here. Loops of their own begin to turn. start() calls it
    /// when nobody did. After prepare().
    /// Throws: bad_configuration when a log handler cannot be opened; start_failed.
    void finish_preparation();

    /// `came` is called with each loop other than the main one and with its thread, for loops
    /// opened later as well. `goes` is called before the thread ends. On the main loop's thread; a
    /// later call replaces both functions.
    void watch_loops(
        std::function<void(async::loop&, pthread_t)> came,
        std::function<void(async::loop&, pthread_t)> goes
    );

    const settings& process() const noexcept;
    /// The user that the process becomes after prepare(); nothing: the user does not change.
    const std::optional<identity>& who() const noexcept;
    log::tree& logs() noexcept;
    /// What the configuration says of them.
    const log::spec& logging() const noexcept;
    /// The names of the services, in start order.
    std::vector<std::string> services() const;

    // service::runtime
    signal::bus& signals() noexcept override;
    log::logger& log(std::string_view name) override;
    std::shared_ptr<log::logger> lend_log(std::string_view name) override;
    const config::tree& config() const noexcept override;
    void stop_soon() override;
    bool stopping() const noexcept override;
    service::unit* find(std::string_view name) const noexcept override;
    std::vector<std::string> labelled(std::string_view label) const override;
    async::loop& main_loop() noexcept override;
    const std::vector<async::loop*>& loops() const noexcept override;
    task<std::shared_ptr<async::loop>> open_loop(std::string name) override;
    async::worker_pool& workers() noexcept override;
    async::worker_pool& lookups() noexcept override;
    void crashed(std::string_view unit, std::exception_ptr why) override;
    void ended(std::string_view unit) override;
    void cut_off(std::string_view unit, std::string_view work) override;
    void stop_failed(std::string_view unit) override;
    std::uint64_t open_files_before() const noexcept override;
    // from prepare() on
    task<std::string> tasks() override;
    task<service::graph> graph() override;
    task<service::figures> statistics() override;

    /// One line for each unit and what it waits for, when every unit has waited for another part of
    /// the app for at least `since`, so that nothing will ever happen. Empty otherwise, and when a
    /// loop does not answer. From prepare() on.
    /// Completes: when the loops have answered, or after tree::patience. Other loops than the main
    /// one are asked only when no unit acts by itself and nothing on the main loop can go on.
    /// Loop: any.
    /// Cancelled: has no effect; the call completes.
    task<std::string> standstill(base::duration since);

    /// From now on exit() and fatal signals write out the log, as log_at_end says, also while the
    /// units are destroyed. At most one app of a process. On the main thread.
    void write_last_lines();

    /// Sets the soft limit of open files that children get. Before prepare().
    void open_files_before(std::uint64_t limit) noexcept;

    struct state;

  private:
    std::unique_ptr<state> state_;
};

} // namespace aio::app
