#pragma once

// `aio config dump`, `get` and `diff`: prints, changes nothing, runs no module code.
// Values are printed as they are, also with invisible characters: other programs read them.

#include <aio/cli/config_line.hpp>

namespace aio::cli {

int config_dump(const config_line& line);
int config_get(const config_line& line);
int config_diff(const config_line& line);

} // namespace aio::cli
