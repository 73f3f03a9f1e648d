#pragma once

// A log file that is open by its path. It can be reopened, given to another user, and rotated: each
// only if the path names a regular file, and never through a link.

#include <aio/base/api.hpp>
#include <aio/base/file_rights.hpp>
#include <aio/base/temporary_file.hpp>
#include <aio/log/descriptor.hpp>
#include <aio/log/outage.hpp>
#include <aio/log/part_folder.hpp>
#include <aio/log/retry_pause.hpp>
#include <aio/log/target.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

enum class turning {
    done,
    failed,
    locked, ///< another process holds the lock of the file
};

struct turn_result {
    turning how = turning::done;
    std::string reason;   ///< why not; empty: it was reported, or there is nothing to turn
    bool emptied = false; ///< this turn has made or emptied the file; false: another one was faster
};

/// What a turn does in the file's folder; `name` is that of the file. All throw std::exception.
struct turn_work {
    /// Moves the file away. Has changed nothing after an exception.
    std::function<void(const part_folder& folder, const std::string& name)> move;
    /// Called when the file system has no room for a new file. Tells whether the turn makes a part
    /// superfluous; then the new file is made after that part is removed.
    std::function<bool(const part_folder& folder, const std::string& name)> frees_room;
    /// Called once the file is moved. Returns the parts that are to be removed.
    std::function<std::vector<std::string>(const part_folder& folder, const std::string& name)>
        surplus;
    /// Undoes move().
    std::function<void(const part_folder& folder, const std::string& name)> put_back;
};

/// Called under the handler's lock.
class AIO_API log_file {
  public:
    /// `path` is absolute, or starts at `directory`. A pipe that nobody reads is no error: its
    /// lines go to standard error, and it is tried again, each time after a longer pause. The same
    /// holds for an error that may_pass(), and when the reader, a device, or the file at a
    /// reopening, goes away later. Throws std::runtime_error.
    log_file(std::string path, std::string directory, beginning how, output_services& with);

    /// `now` is the time of the line's record.
    void append(std::string_view line, std::chrono::system_clock::time_point now) noexcept;

    void flush() noexcept;

    /// Opens the file anew if another handler of the same file has turned it or opened it anew.
    /// Lines that wait go to the new file. A file that cannot be opened is tried again, as after
    /// reopen(). Call it before each record.
    void follow() noexcept;

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

    /// Makes a new file of the same rights, moves the old one away, and gives its name to the new
    /// one. One process at a time; when another one was faster, its new file is opened. A turn that
    /// fails leaves the file and its parts as they were. If the old file was moved, but no file can
    /// be made or opened by its name, the log is unreachable, as after reopen(): records go to the
    /// part that the old file has become, and only superfluous parts are removed.
    turn_result turn(const turn_work& work) noexcept;
    /// Reports that the file cannot be turned, and that it can again.
    void tell_growing(std::string_view reason) noexcept;
    void tell_turned_again() noexcept;

    using part_work = std::function<void(const part_folder& folder, const std::string& name)>;
    /// Calls `work` with the folder of the finished parts. Reports a failure.
    void tidy(const part_work& work) noexcept;

    /// When the file was made; nothing: the file system does not know.
    std::optional<std::time_t> birth() const noexcept;

    std::time_t last_write() const noexcept;

    /// When the content of the file began, which all handlers of the file in this process share.
    /// Nothing: none of them has found out.
    std::optional<std::time_t> began() noexcept { return to_.began(); }

    void begins_at(std::time_t time) noexcept { to_.begins_at(time); }

  private:
    part_folder parts() const;
    struct stat status() const noexcept;
    bool still_named() const noexcept;
    int make_new(
        std::optional<base::temporary_file>& fresh,
        const turn_work& work,
        const base::file_rights& like
    ) const;
    void remove_surplus(const turn_work& work, int no_room) const;
    turn_result open_named(const base::file_rights& like);
    turn_result turn_locked(const turn_work& work);
    turn_result failed_turn(std::string_view reason) noexcept;
    void tell_copied();
    /// Uses the file in place of the one before, as standard output and error do if they follow it.
    /// Lines that wait go to it.
    void take(open_target opened) noexcept;
    std::shared_ptr<shared_file> state_of(const open_target& opened) const noexcept;
    void follow_standard_output(int number);
    void lead_standard_output(int fresh) const noexcept;
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
    std::optional<beginning> first_; ///< until something was open
    output_services& with_;
    target target_;
    target_kind kind_ = target_kind::file;
    bool created_ = false; ///< the open file, by this process
    descriptor to_;
    bool told_copied_ = false;
    access access_ = access::by_path;
    std::optional<base::file_rights> last_; ///< of the regular file that was left
    struct stat left_{};                    ///< that file
    outage outage_;
    retry_pause pause_;
};

} // namespace aio::log
