#pragma once

// Checks the paths that handlers write to, without opening any.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/log/spec.hpp>

#include <string>

namespace aio::log {

/// Errors: paths that no user can open. Warnings: rotation of something that is not a regular file,
/// and rotation of a file that another handler writes to as well. Relative paths start at
/// `directory`; "" is the current one.
AIO_API void
check_targets(const spec& spec, const std::string& directory, base::diagnostics& problems);

} // namespace aio::log
