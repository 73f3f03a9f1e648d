#pragma once

// The loggers of one app and where their records go. Built before anything else and usable at
// once: until configure() records go plainly to standard error. No globals: two apps in one process
// have two trees.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/secrets.hpp>
#include <aio/log/logger.hpp>
#include <aio/log/record.hpp>
#include <aio/log/spec.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog::sinks {
class sink;
}

namespace aio::log {

/// Ends with the object: then the function is not running and is not called again. May outlive the
/// tree.
class [[nodiscard]] AIO_API capture {
  public:
    capture() noexcept;
    capture(capture&&) noexcept;
    capture& operator=(capture&&) noexcept;
    ~capture();

  private:
    friend class tree;
    struct state;
    explicit capture(std::unique_ptr<state> from) noexcept;
    std::unique_ptr<state> state_;
};

/// When configure() opens the handlers of modules, whose code the module brings.
enum class module_handlers {
    now,
    later, ///< in open_module_handlers()
};

/// Every member may be called from any thread. SIGPIPE has to be ignored in the process.
class AIO_API tree {
  public:
    tree();
    tree(const tree&) = delete;
    tree& operator=(const tree&) = delete;
    /// Flushes. Nobody may log any more.
    ~tree();

    /// The logger of a dotted name, made when it is asked for first; "" and "root" are the root.
    logger& get(std::string_view dotted);
    logger& root() noexcept;

    /// The logger of a name that is needed for a while, such as one for each connection. The name
    /// is given back when the last holder lets go of it; one that get() or logger::child() was
    /// asked for stays.
    std::shared_ptr<logger> lend(std::string_view dotted);
    /// The number of loggers, the root among them.
    std::size_t size() const;

    /// Opens the handlers that loggers of the spec use and puts them in place of all that were
    /// there, levels too, in one step: a record goes to the old ones or to the new ones. What
    /// cannot be opened is an error in the answer, with its place; then nothing has changed.
    /// Relative paths start at `directory`, "" is the current one.
    /// `modules`: records of a handler that is opened later go to standard error until then.
    base::diagnostics configure(
        const spec& what, std::string directory = {}, module_handlers modules = module_handlers::now
    );
    /// Opens the handlers that the last configure() left for later. What cannot be opened is an
    /// error in the answer, with its place; then records still go to standard error. Does nothing
    /// when none is left.
    base::diagnostics open_module_handlers();

    /// From now on no record shows these texts, in no logger and no handler. Costs nothing when
    /// there are none. Stays through configure().
    void hide(base::secret_texts what);
    /// A text as a record shows it: for what is said elsewhere than in the log.
    std::string shown(std::string_view text) const;

    /// Until the next configure(). Nothing: the level of the nearest ancestor that has one.
    void set_level(std::string_view dotted, std::optional<level> at);
    /// The level that counts for the logger, or would count if it existed.
    level effective_level(std::string_view dotted);

    /// Opens every file anew (after logrotate moved it). Files that cannot be opened stay as they
    /// are and are named in the answer.
    std::vector<std::string> reopen();
    /// Hands the files to the user the process is going to be. Answers what could not be.
    std::vector<std::string> give_to(uid_t user, gid_t group);
    /// Writes out what handlers have collected. The end of a loop's turn does it, too. Never
    /// throws.
    void flush() noexcept;
    /// The same, but for what is being written to or configured right now: waits for nobody, so it
    /// is for the watchdog, which must not block with a blocked loop. Never throws.
    void flush_if_free() noexcept;
    /// For an end by force: as flush_if_free(), then flushes the sinks of modules, too, and waits
    /// for them at most for `patience`. What hangs is left behind, so the process must end soon.
    /// Never throws.
    void flush_at_end(std::chrono::milliseconds patience = std::chrono::milliseconds(500)) noexcept;
    /// Async-signal-safe: for a handler of fatal signals. Writes the lines that files have
    /// collected; the process must end afterwards, or they are written twice.
    void write_out() const noexcept;
    /// Records that did not reach the place they were meant for.
    std::uint64_t lost() const noexcept;

    /// Calls a function with every record any logger lets through, handlers and `propagate`
    /// notwithstanding, on the thread that logs, one at a time. What the function itself logs is
    /// not logged. Stays through configure().
    capture on_record(std::function<void(const record&)> call);
    /// Any sink of spdlog's as a further handler of a logger, until the next configure(). Its
    /// payload is the message as a line of the log shows it.
    void attach(std::string_view dotted, std::shared_ptr<spdlog::sinks::sink> sink);

    struct impl;

  private:
    std::shared_ptr<impl> impl_;
};

} // namespace aio::log
