#pragma once

// What every command does with what was found wrong.

#include <aio/app/load.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/cli/command_line.hpp>

#include <string>
#include <string_view>

namespace aio::cli {

/// Prints all of them on standard error, in order of their places. True when one is an error.
bool report(base::diagnostics problems);
/// The same without the secrets of a configuration.
bool report(const base::diagnostics& problems, const config::tree& of);

/// The same as a list: [{"file", "line", "column", "severity", "message", "hint"}, …], null for
/// what is not known.
std::string diagnostics_json(base::diagnostics problems);

/// Prints "aio: TEXT" on standard error. What of the text cannot be seen is shown as an escape.
void complain(std::string_view text);

/// -c and -o given after the command, added to those given before it.
app::load_request with_shared(app::load_request request, const command_line& shared);

} // namespace aio::cli
