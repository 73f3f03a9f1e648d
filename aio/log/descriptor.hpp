#pragma once

// A file descriptor that lines are appended to: at once, or collected until flush().

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/log/complaints.hpp>
#include <aio/log/line_buffer.hpp>
#include <aio/log/open_files.hpp>
#include <aio/log/wait_budget.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aio::log {

/// What all outputs of a log tree share. Handlers keep it alive.
struct output_services {
    complaints lost;
    unwritten_lines unwritten;
    open_files files;
    /// Standard output and error that are a log file become the file that takes its place.
    std::atomic<bool> leads_standard_output{false};
    /// No line is collected any more: the process ends, and a turn of a loop may not end before.
    std::atomic<bool> writes_at_once{false};
};

class AIO_API descriptor {
  public:
    enum class mode { direct, collected };

    /// Owns `file`. Messages call it `name`.
    descriptor(base::descriptor file, mode how, std::string name, output_services& services);
    /// Uses a descriptor that stays open: standard output or error.
    descriptor(int borrowed, std::string name, output_services& services);
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor();

    /// One line, without its newline.
    void append(std::string_view line) noexcept;
    /// The same at once, of mode::direct. 0, or the errno of a line that was not written.
    int append_now(std::string_view line) noexcept;
    void flush() noexcept;
    /// What flush() would write. It is not written any more.
    std::string take_unwritten();
    /// Closes the descriptor, and uses another one from now on. Lines that wait go to the new one.
    /// Null: the state of the file is not shared.
    void
    replace(base::descriptor file, mode how, std::shared_ptr<shared_file> state = nullptr) noexcept;

    /// Another handler has opened a file in place of this one since the last call. The first call
    /// after replace() cannot know, and returns true if the state is shared.
    bool replaced_by_another() noexcept;

    /// When the content of the file began; nothing: no handler of the file has found out.
    std::optional<std::time_t> began() noexcept;

    void begins_at(std::time_t time) noexcept { state().began = time; }

    /// Flushes, and writes in this mode from now on.
    void change(mode how) noexcept;

    int fd() const noexcept { return fd_; }

    /// Bytes of the file, with what was not flushed yet. The file is measured when nothing waits,
    /// which is once per write: others may write to it or empty it.
    std::uint64_t size() noexcept;

    bool pending() const noexcept { return !waiting_.empty(); }

  private:
    struct written {
        std::size_t bytes = 0;
        int error = 0;
    };

    shared_file& state() noexcept { return state_ ? *state_ : own_; }

    written write_all(std::string_view text) noexcept;
    bool wait_for_room() noexcept;
    void set_mode(mode how) noexcept;
    int write_line(std::string_view line);
    written write(std::string_view text) noexcept;
    void measure() noexcept;

    base::descriptor owned_;
    int fd_;
    mode mode_ = mode::direct;
    std::string name_;
    output_services& with_;
    line_buffer waiting_;
    bool listed_ = false; ///< waiting_ is in the list of unwritten lines
    std::string line_;    ///< of mode::direct, with its newline
    std::uint64_t size_ = 0;
    wait_budget waits_;
    shared_file own_;                    ///< the state of a file that is not shared
    std::shared_ptr<shared_file> state_; ///< of the file; null: own_
    std::uint64_t seen_ = 0;             ///< of shared_file::replaced
    const bool quiet_ = false;           ///< a pipe without a reader raises no SIGPIPE
};

} // namespace aio::log
