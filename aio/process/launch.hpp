#pragma once

// fork and exec, with everything in between that a supervised child needs. The one file that does.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace aio::process {

/// Who the child becomes; only root can.
struct credentials {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;

    credentials() = default;
};

struct launch_request {
    std::string program; ///< a path
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::string directory;         ///< empty: the current one
    std::uint64_t open_files = 0;  ///< the soft limit of the child; 0: as it is
    std::optional<credentials> as; ///< nothing: who we are
};

/// A child that runs its program, our ends of its output, and its pidfd (none on old kernels).
struct launched {
    pid_t pid = 0;
    base::descriptor ended, output, errors;
};

/// "cannot execute /bin/x: Permission denied".
struct AIO_API launch_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Returns when the program has begun. The child leads a session of its own, and so a process
/// group, without a terminal: nothing it does with /dev/tty can hold it still. It reads from
/// /dev/null, holds no descriptor but the first three, has no signal blocked or ignored, and is
/// killed when the thread that called this ends, whatever ends it: so call it on the main thread.
/// Its output does not block us. `guard_line` (-1: none): see guard; the child writes its own
/// number there before its program begins. Throws launch_error; then there is no child.
AIO_API launched launch(const launch_request& what, int guard_line = -1);

} // namespace aio::process
