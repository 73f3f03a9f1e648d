#pragma once

// `aio config set` and `unset`: change the text of one file. Only this file has to parse.

#include <aio/cli/config_line.hpp>

namespace aio::cli {

int config_set(const config_line& line);
int config_unset(const config_line& line);

} // namespace aio::cli
