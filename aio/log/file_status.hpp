#pragma once

// The identity and the rights of a file: shared by the code that opens log files and the code that
// makes finished parts.

#include <aio/base/file_rights.hpp>
#include <aio/log/target.hpp>

#include <sys/stat.h>

#include <ctime>
#include <optional>
#include <string>

namespace aio::log {

inline bool same_file(const struct stat& a, const struct stat& b) noexcept {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// The second of a time that the kernel has given to a file. It takes such times from a clock that
/// is up to 10 ms late: a file that is made at midnight may seem to be of the day before.
inline std::time_t second_of(const timespec& given) noexcept {
    return given.tv_sec + (given.tv_nsec >= 990'000'000 ? 1 : 0);
}

/// Opens or makes a file that replaces one of these rights, for appending. Only a new file takes
/// them over; nothing: a new file has the usual ones. Throws as open() does.
open_target open_replacement(
    const target& what, const std::string& shown, const std::optional<base::file_rights>& rights
);

} // namespace aio::log
