#pragma once

// Which file it is, and whose: shared by the code that opens log files and the code that makes
// finished parts.

#include <aio/log/target.hpp>

#include <sys/stat.h>

#include <string>

namespace aio::log {

inline bool same_file(const struct stat& a, const struct stat& b) noexcept {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Gives `fd` the owner, the group and the mode of `like`, as far as this process may.
void take_over(int fd, const struct stat& like) noexcept;

/// Opens or makes a file that replaces the one of `like`, for appending. A new file takes over from
/// `like` if that is a regular file. Throws as open() does.
open_target open_replacement(const target& what, const std::string& shown, const struct stat& like);

} // namespace aio::log
