#pragma once

// Why the system does not execute a file. Its error codes often mean something else than they say:
// "No such file or directory" for a script that is there, because its interpreter is not.

#include <aio/base/api.hpp>
#include <aio/process/registered_format.hpp>

#include <optional>
#include <string>
#include <utility>

namespace aio::process {

enum class obstacle_kind {
    missing, ///< the file does not exist
    evident, ///< the system's error code says the same
    hidden,  ///< the system's error code says something else
    possible ///< the system may execute the file nevertheless
};

struct obstacle {
    obstacle_kind kind = obstacle_kind::hidden;
    std::string text; ///< follows the name of the file: "has no '#!' line"
    std::string hint; ///< what to do about it; may be empty

    obstacle() = default;

    obstacle(obstacle_kind kind_, std::string text_, std::string hint_ = {})
        : kind(kind_), text(std::move(text_)), hint(std::move(hint_)) {}
};

/// What keeps the file from being executed, as far as the file and its file system tell. Relative
/// paths start in `directory` (empty: the current one). `search`: the PATH in which `env` looks for
/// the program of a line `#!/usr/bin/env program`; nullptr: the standard one. Nothing when nothing
/// is wrong, or when the file cannot be read. `formats`: the folder of the registered formats,
/// which is read only when something is wrong.
AIO_API std::optional<obstacle> obstacle_to(
    const std::string& path,
    const std::string& directory,
    const char* search,
    const std::string& formats = registered_formats
);

/// Why execve() failed with `error`, for a message "cannot execute PATH: …".
AIO_API std::string reason_not_executed(
    int error, const std::string& path, const std::string& directory, const char* search
);

} // namespace aio::process
