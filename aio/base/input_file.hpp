#pragma once

// Opens and reads a file that the user names, without waiting forever and without touching a
// device. Configurations, included files, ${file:…} and similar files are read through it.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace aio::base {

/// How long a pipe may keep its reader waiting.
struct pipe_patience {
    std::chrono::milliseconds writer{2000};   ///< until another process opens the pipe for writing
    std::chrono::milliseconds silence{10000}; ///< between two pieces of data
    std::chrono::milliseconds whole{60000};   ///< for all of it
};

/// Who has said which file is read: by default the user has named it.
struct provenance {
    bool searched = false;
    std::size_t named = 0; ///< length of the beginning of the path that the user has named

    provenance() = default;

    /// The file was found, below what the user has named of its path.
    static provenance found(std::size_t named_part = 0) noexcept {
        provenance out;
        out.searched = true;
        out.named = named_part;
        return out;
    }
};

class AIO_API input_file {
  public:
    enum class failure : std::uint8_t {
        none,
        unreadable, ///< not there, not permitted, not of a kind that is read
        distrusted, ///< this process is root, and somebody else may change the file
        planted,    ///< it was found, and another user may have put it there (base/way: stranger)
        exhausted,  ///< the system lacks descriptors or memory; nothing is known about the file
    };

    /// Opens a regular file, a pipe or /dev/null. Every other kind of file is refused without being
    /// opened: opening a device can already do something. Never blocks.
    explicit input_file(std::string path, pipe_patience patience = {}, provenance how = {});

    /// The error as a text: "No such file or directory". Empty: no error so far.
    const std::string& error() const noexcept { return error_; }

    failure failed() const noexcept { return failed_; }

    /// A pipe can be read once only, and has no size.
    bool is_pipe() const noexcept { return pipe_; }

    dev_t device() const noexcept { return device_; }

    ino_t inode() const noexcept { return inode_; }

    /// The whole content, up to `limit` bytes. Nothing when the file is longer, cannot be read, or
    /// is a pipe that stays silent for too long; error() says which. Call it once, and only when
    /// nothing has failed.
    std::optional<std::string> read(std::size_t limit);

  private:
    void open();
    void fail(failure kind, std::string why);
    void fail(int error);
    bool wait_for_data(std::chrono::steady_clock::time_point end, bool written);

    std::string path_;
    pipe_patience patience_;
    provenance provenance_;
    descriptor file_;
    std::string error_;
    failure failed_ = failure::none;
    bool pipe_ = false;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    std::size_t size_ = 0;
};

} // namespace aio::base
