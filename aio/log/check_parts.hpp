#pragma once

// Foresees whether a log file can be rotated, without changing anything.

#include <aio/base/api.hpp>
#include <aio/base/identity.hpp>
#include <aio/log/spec.hpp>
#include <aio/log/target.hpp>

#include <optional>
#include <string>

namespace aio::log {

/// Why the log of a rotating handler can never be rotated, or why its old parts can never be
/// removed. Empty: nothing is known that prevents it.
struct part_obstacles {
    std::string moving, removing;
};

/// `log` is a regular file, or not there yet. `user` is the user that the process becomes; nothing:
/// it stays what it is. A process that may not write to the log is not examined: another user is
/// going to run it.
AIO_API part_obstacles find_obstacles(
    const handler_args& args, const target& log, const std::optional<base::identity>& user
);

/// Why `user` cannot open the log again on SIGUSR1: it may not search a folder above it, or not
/// write to the file that is there. Empty: nothing is known that prevents it, or the process stays
/// what it is.
AIO_API std::string why_not_reopened(const target& log, const std::optional<base::identity>& user);

} // namespace aio::log
