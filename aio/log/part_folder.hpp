#pragma once

// The folder of a rotated log file, which also holds the finished parts. No operation overwrites a
// file, follows a link, or touches anything but a regular file.

#include <aio/base/descriptor.hpp>

#include <ctime>
#include <string>
#include <vector>

namespace aio::log {

/// All members throw std::system_error with the file's name in its text.
class part_folder {
  public:
    /// Uses the open folder; messages call it `path`.
    part_folder(const base::descriptor& folder, std::string path)
        : folder_(folder), path_(std::move(path)) {}

    bool has(const std::string& name) const;
    /// Returns false when `to` exists; then nothing was moved.
    bool move(const std::string& from, const std::string& to) const;
    void remove(const std::string& name) const;
    /// When the file was last moved or changed.
    std::time_t changed(const std::string& name) const;
    /// The regular files whose names begin like this.
    std::vector<std::string> names(const std::string& beginning) const;

  private:
    [[noreturn]] void fail(const char* action, const std::string& name) const;
    void check_regular(const std::string& name) const;

    const base::descriptor& folder_;
    std::string path_;
};

} // namespace aio::log
