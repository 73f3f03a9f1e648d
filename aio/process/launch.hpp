#pragma once

// fork and exec, and everything between them that a supervised child needs. Only this file forks
// for [process/*].

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace aio::process {

/// The user and groups that the child takes; needs root.
struct credentials {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;

    credentials() = default;
};

struct launch_request {
    std::string program; ///< a path, relative to `directory`
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::string directory;         ///< empty: the current one
    std::uint64_t open_files = 0;  ///< its soft limit of open files; 0: that of aio
    std::optional<credentials> as; ///< nothing: those of aio
};

/// A child that runs its program, its pidfd (none on old kernels), and the pipes of its output.
struct launched {
    pid_t pid = 0;
    base::descriptor ended, output, errors;
};

/// The descriptors of a `launched`. A launch needs a few more until it returns.
inline constexpr std::size_t descriptors_of_child = 3;

/// "cannot execute /bin/x: Permission denied".
struct AIO_API launch_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Starts a program, and returns when it has begun. The child
/// - leads a session and a process group of its own, without a terminal;
/// - reads from /dev/null (base/nowhere), and has no descriptor but the first three;
/// - has no signal blocked or ignored;
/// - is killed when the thread that called this ends, however it ends. So call it on the main
/// thread. The pipes do not block. `guard_line` (-1: none) is the descriptor() of a guard: the
/// child writes its number there before its program begins. Throws launch_error; there is no child
/// then.
AIO_API launched launch(const launch_request& request, int guard_line = -1);

} // namespace aio::process
