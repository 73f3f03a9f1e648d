#pragma once

// The loggers of one app and where their records go. Built before anything else and usable at once:
// until configure() records go to standard error as plain text. Two apps in one process have two
// trees.

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

/// Ends with the object: once it is destroyed, the function is not running and is not called again.
/// May outlive the tree.
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
    /// Flushes. No thread may log any more.
    ~tree();

    /// The logger of a dotted name, made at the first call; "" and "root" are the root.
    logger& get(std::string_view dotted);
    logger& root() noexcept;

    /// The logger of a name that is needed for a limited time, such as one for each connection. The
    /// logger ends with its last holder; one that get() or logger::child() has returned stays.
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

    /// Hides these texts in all records from now on, in every logger and handler. Costs nothing
    /// when there are none. Stays through configure().
    void hide(base::secret_texts what);
    /// A text as a record would show it, for messages outside the log.
    std::string shown(std::string_view text) const;

    /// Sets the level of a logger until the next configure(). Nothing: the level of the nearest
    /// ancestor that has one.
    void set_level(std::string_view dotted, std::optional<level> threshold);
    /// The effective level of the logger, even if it does not exist yet.
    level effective_level(std::string_view dotted);

    /// Reopens every file (after logrotate moved it). Files that cannot be opened are kept, and the
    /// answer names them.
    std::vector<std::string> reopen();
    /// Standard output or error is another file now. A log in the same file is no longer collected,
    /// so that its lines keep the order with what other code writes there.
    void standard_output_replaced();
    /// Standard output and error follow the log from now on: while they are a log file that is
    /// turned or opened anew, they become the new file with it.
    void lead_standard_output() noexcept;
    /// Where relative paths of the last configure() start; empty: the current folder, which has no
    /// name any more.
    std::string directory() const;
    /// Changes the owner of the files to the user that the process will become. Returns the
    /// failures.
    std::vector<std::string> give_to(uid_t user, gid_t group);
    /// False while the records of the handler of the last configure() go to standard error, because
    /// nobody takes them. A handler that is not open counts as reached.
    bool reaches(std::string_view handler) const;
    /// Writes out what handlers have collected. The end of a loop's turn does it, too. Never
    /// throws.
    void flush() noexcept;
    /// Like flush(), but leaves out handlers that are being written to or configured right now. It
    /// does not wait, so the watchdog can call it while a loop is blocked. Never throws.
    void flush_if_free() noexcept;
    /// For an end by force: as flush_if_free(), then flushes the sinks of modules, too, and waits
    /// for them at most for `patience`. What hangs is left behind, so the process must end soon.
    /// Never throws.
    void flush_at_end(std::chrono::milliseconds patience = std::chrono::milliseconds(500)) noexcept;
    /// For an exit() in the middle of the work, by any thread, while others go on. Writes out what
    /// all handlers have collected, then logs `record` as a critical one of the logger "aio",
    /// unless it is empty. From then on lines are written at once. Waits for each step at most for
    /// `patience`, so it may be called under the lock of a handler. What hangs is left behind, as
    /// by flush_at_end(). Never throws.
    void end_by_exit(
        std::string_view record, std::chrono::milliseconds patience = std::chrono::milliseconds(500)
    ) noexcept;
    /// Async-signal-safe: for a handler of fatal signals. Writes the lines that files have
    /// collected; the process must end afterwards, or they are written twice.
    void write_out() const noexcept;
    /// The number of records that did not reach their destination.
    std::uint64_t lost() const noexcept;

    /// Calls a function with every record that passes the level of its logger, whatever the
    /// handlers and `propagate` are, on the thread that logs, one at a time. What the function
    /// itself logs is not logged. Stays through configure().
    capture on_record(std::function<void(const record&)> call);
    /// Any sink of spdlog's as a further handler of a logger, until the next configure(). Its
    /// payload is the message as a line of the log shows it.
    void attach(std::string_view dotted, std::shared_ptr<spdlog::sinks::sink> sink);

    struct impl;

  private:
    std::shared_ptr<impl> impl_;
};

} // namespace aio::log
