#pragma once

// How every command reports mistakes.

#include <aio/app/load.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/cli/command_line.hpp>

#include <string>
#include <string_view>

namespace aio::cli {

/// Prints messages on standard error, in the order of their places. True when one is an error.
bool report(base::diagnostics problems);
/// The same, with the secrets of a configuration masked.
bool report(const base::diagnostics& problems, const config::tree& configuration);

/// The messages as a JSON list: [{"file", "line", "column", "severity", "message", "hint"}, …].
/// Unknown parts are null.
std::string diagnostics_json(base::diagnostics problems);

/// -c and -o given after the command, added to those given before it.
app::load_request with_shared(app::load_request request, const command_line& shared);

} // namespace aio::cli
