#pragma once

// What a check can say about the places that handlers write to, without opening any.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/log/spec.hpp>

#include <string>

namespace aio::log {

/// Errors: paths that cannot be opened by anybody. Warnings: a turn that is asked for where nothing
/// can be turned, and a file that is turned though another handler writes to it, too. Relative
/// paths start at `directory`, "" is the current one.
AIO_API void check_targets(const spec& what, const std::string& directory, base::diagnostics& to);

} // namespace aio::log
