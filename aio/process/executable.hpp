#pragma once

// Why the system does not execute a file. Its error codes often mean something else than they say:
// "No such file or directory" for a script that is there, because its interpreter is not.

#include <aio/base/api.hpp>

#include <optional>
#include <string>

namespace aio::process {

struct obstacle {
    std::string text;    ///< follows the name of the file: "has no '#!' line"
    std::string hint;    ///< what to do about it; may be empty
    bool certain = true; ///< false: some systems execute such a file
    bool plain = false;  ///< the system's error code says the same

    obstacle() = default;
};

/// Why the file cannot be executed, as far as the file and its file system tell. Relative paths
/// start in `directory` (empty: the current one). `search`: the PATH in which `env` looks for the
/// program of a line `#!/usr/bin/env program`; nullptr: the standard one. Nothing when there is no
/// such reason, or when the file cannot be read.
AIO_API std::optional<obstacle>
obstacle_to(const std::string& path, const std::string& directory, const char* search);

/// Why execve() failed with `error`, for a message "cannot execute PATH: …".
AIO_API std::string reason_not_executed(
    int error, const std::string& path, const std::string& directory, const char* search
);

} // namespace aio::process
