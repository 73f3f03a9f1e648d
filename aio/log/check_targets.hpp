#pragma once

// Checks the paths that handlers write to, without opening any.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/identity.hpp>
#include <aio/log/spec.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aio::log {

/// Errors: paths that no user can open. Warnings: a turn that is asked for where nothing
/// can be turned or no part can be made, and a file that is turned though another handler writes to
/// it, too. A file that
/// the user cannot reopen is a warning as well. Relative paths start at `directory`, "" is the
/// current one. `user` is the user that the process becomes after the files are opened; nothing: it
/// stays what it is.
AIO_API void check_targets(
    const spec& spec,
    const std::string& directory,
    const std::optional<base::identity>& user,
    base::diagnostics& problems
);

/// A path that a handler in use writes to.
struct log_path {
    std::string title; ///< of the handler
    std::string path;
    base::location where;
    bool socket = false; ///< of another program
};

AIO_API std::vector<log_path> paths_of(const spec& spec);

} // namespace aio::log
