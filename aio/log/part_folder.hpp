#pragma once

// The folder of a rotated log file, which also holds the finished parts. No operation overwrites a
// file, follows a link, or touches anything but a regular file.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <ctime>
#include <string>
#include <vector>

namespace aio::log {

/// All members throw std::system_error with the file's name in its text.
class AIO_API part_folder {
  public:
    /// Uses the open folder; `path` is what messages call it. `live` is the log file, open for
    /// writing.
    part_folder(const base::descriptor& folder, std::string path, int live)
        : folder_(folder), path_(std::move(path)), live_(live) {}

    /// Throws: the part cannot be made, because something has its name.
    [[noreturn]] static void refuse(const std::string& part);

    bool has(const std::string& name) const;
    /// Returns false when `to` exists; then nothing was moved.
    bool move(const std::string& from, const std::string& to) const;
    /// Makes the finished part `to` from the log file `name`. A file that cannot be moved, because
    /// it is a mount point, is copied and emptied. False: `to` exists, and nothing was done.
    bool finish(const std::string& name, const std::string& to) const;
    void remove(const std::string& name) const;
    /// When the file was last moved or changed.
    std::time_t changed(const std::string& name) const;
    /// The regular files whose names begin like this.
    std::vector<std::string> names(const std::string& beginning) const;

  private:
    [[noreturn]] void fail(const char* action, const std::string& name) const;
    void check_regular(const std::string& name, const char* action) const;
    bool try_move(const std::string& from, const std::string& to) const;
    bool copy_and_empty(const std::string& name, const std::string& to) const;

    const base::descriptor& folder_;
    std::string path_;
    int live_;
};

} // namespace aio::log
