#pragma once

// `aio run -d`: runs in the background. The shell that called it waits until everything has
// started.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/diagnostic.hpp>

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::app {

struct configuration;

/// Why the daemon is refused: nothing to log to, or the environment of a service manager.
struct refusal {
    std::string text; ///< empty: `problems` say why
    int status = 0;   ///< 0: nothing is wrong
    base::diagnostics problems;
};

AIO_API refusal check_daemon(const configuration& loaded);

/// The daemon's end of the pipe to the process that the user started. Made by daemonize().
class AIO_API starting_line {
  public:
    starting_line() = default;

    explicit starting_line(base::descriptor end) noexcept : end_(end.release()) {}

    starting_line(starting_line&& other) noexcept : end_(other.end_.exchange(none)) {}

    starting_line& operator=(starting_line&& other) noexcept;
    ~starting_line();

    /// The caller's process exits with this status now. Only the first call counts; without one it
    /// exits with the status of the daemon when that ends (128+n after a signal n). From any
    /// thread, also from several at once; system calls only.
    void tell(int status) noexcept;

  private:
    static constexpr int none = -1;

    std::atomic<int> end_{none}; ///< the thread that takes it out closes it
};

/// Forks twice, leaves the session and the terminal. Returns in the daemon; the calling process
/// waits for tell() or the end of the daemon and exits with its status; SIGTERM and SIGINT, which
/// are blocked, it passes on. The daemon closes the descriptors `of_caller`. Standard output and
/// error stay as they were until daemon_output::take_over(), so that what goes wrong during
/// start-up is still seen. Call before any thread or loop exists. Throws std::system_error.
AIO_API starting_line daemonize(const std::vector<int>& of_caller);

/// What a daemon reads and prints to once it has started. Opened while the process may still open
/// it: what comes later (another user) cannot make the change fail.
class AIO_API daemon_output {
  public:
    daemon_output() = default;
    /// Input from /dev/null, output and error to the file (appended), or to /dev/null when the path
    /// is empty (base/nowhere). Opens the file as a log is opened (log/target.hpp). A relative path
    /// starts at `directory`. Throws std::runtime_error.
    daemon_output(const std::string& path, const std::string& directory);

    /// False when what a daemon prints is lost.
    bool kept() const noexcept { return out_ || named_; }

    /// The file could not be opened, but may be later, for a reason that may_pass().
    bool to_be_found() const noexcept { return to_be_found_; }

    /// Changes the owner of the file, if this object made it.
    void give_to(uid_t user, gid_t group) noexcept;
    /// Replaces standard input, output and error by these descriptors. Does nothing when there are
    /// none.
    void take_over() noexcept;

  private:
    base::descriptor in_;
    base::descriptor out_;     ///< none: named_
    std::optional<int> named_; ///< which the path names, and which has no copy; none: nowhere_
    base::descriptor nowhere_;
    bool created_ = false; ///< the file of out_
    bool to_be_found_ = false;
};

/// Standard output and error go to the file that has the path now; a relative one starts at
/// `directory`. A new file gets the owner, the group and the mode of the file before. Nothing when
/// the path is empty. A pipe or a device is kept (log::opened_anew) unless it leads nowhere.
/// Returns the error as a text; empty when there is none, or when nobody reads the path and no file
/// was left.
AIO_API std::string reopen_output(const std::string& path, const std::string& directory);

} // namespace aio::app
