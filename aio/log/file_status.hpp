#pragma once

// Which file it is, and whose: shared by the code that opens a log file and the code that makes
// finished parts.

#include <sys/stat.h>

namespace aio::log {

inline bool same_file(const struct stat& a, const struct stat& b) noexcept {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Gives `fd` the owner, the group and the mode of `like`, as far as this process may.
void take_over(int fd, const struct stat& like) noexcept;

} // namespace aio::log
