#pragma once

// A log file that is open by its path. It can be reopened, given to another user, and rotated: each
// only if the path names a regular file, and never through a link.

#include <aio/log/descriptor.hpp>
#include <aio/log/outage.hpp>
#include <aio/log/part_folder.hpp>
#include <aio/log/target.hpp>
#include <aio/log/turn_lock.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace aio::log {

enum class turning {
    done,
    failed, ///< the reason was reported
    locked, ///< another process holds the lock of the file
};

/// Called under the handler's lock.
class log_file {
  public:
    /// `path` is absolute, or starts at `directory`. A pipe that nobody reads is no error: its
    /// lines go to standard error, and it is tried again, each time after a longer pause. The same
    /// holds when the reader, a device, or the file at a reopening, goes away later. Throws
    /// std::runtime_error.
    log_file(std::string path, std::string directory, beginning how, output_services& with);

    /// `now` is the time of the line's record.
    void append(std::string_view line, std::chrono::system_clock::time_point now) noexcept;

    void flush() noexcept { to_.flush(); }

    std::uint64_t size() noexcept { return to_.size(); }

    /// A regular file that was opened by its name: nothing else is turned, opened anew or given
    /// away.
    bool regular() const noexcept {
        return kind_ == target_kind::file && access_ == access::by_path;
    }

    /// False while the lines go to standard error.
    bool reached() const noexcept { return access_ != access::none; }

    bool terminal() const noexcept;
    /// Returns the error as a text; empty when there is none. After an error the path is tried
    /// again with later lines. Until then the old file gets them, or standard error when the old
    /// file has no name any more; a warning says which. A pipe, a device or a descriptor is kept
    /// without a word, unless the path leads to a regular file now.
    std::string reopen();
    /// Lines are collected unless standard output or error is the same file. Decides that anew.
    void standard_output_replaced() noexcept;
    /// Only a file that this process has just made changes its owner.
    std::string give_to(uid_t user, gid_t group);

    using part_work = std::function<void(const part_folder& folder, const std::string& name)>;
    /// Moves the file away by `move`, which gets its folder and name, and begins a new one with the
    /// same mode, group and owner. One process at a time; when another one was faster, its new file
    /// is opened. A failure is said and leaves the file as it is.
    turning turn(const part_work& move) noexcept;
    /// Reports that turn() has found the file locked for a long time.
    void tell_locked() const noexcept;
    /// Calls `work` with the folder of the finished parts. Reports a failure.
    void tidy(const part_work& work) noexcept;

    /// When the file was made; nothing: the file system does not know.
    std::optional<std::time_t> birth() const noexcept;

    std::time_t last_write() const noexcept { return status().st_mtime; }

  private:
    part_folder parts() const;
    struct stat status() const noexcept;
    bool still_named() const noexcept;
    void begin_new(const struct stat& like, turn_lock& lock);
    void tell_copied();
    /// Uses the file in place of `before`, as standard output and error do if they follow the log.
    void take(open_target opened, const struct stat& before = {}) noexcept;
    void lead_standard_output(const struct stat& before, int fresh) const noexcept;
    /// What the open descriptor is to the path.
    enum class access {
        by_path,  ///< what the path leads to
        old_file, ///< the path leads to nothing that can be opened; the old file has another name
        none,     ///< nothing is open
    };

    std::string open_again();
    void lose_path(const std::string& reason) noexcept;
    void leave(std::string_view reason) noexcept;
    void try_again(std::chrono::system_clock::time_point now) noexcept;
    void leave_reader(int error, std::chrono::system_clock::time_point now) noexcept;

    std::string path_, directory_;
    output_services& with_;
    target target_;
    target_kind kind_ = target_kind::file;
    bool created_ = false; ///< the open file, by this process
    descriptor to_;
    bool told_copied_ = false;
    access access_ = access::by_path;
    struct stat last_{}; ///< of the regular file that was left
    outage outage_;
    std::chrono::system_clock::time_point tried_;
    std::chrono::seconds pause_{};
};

} // namespace aio::log
