#pragma once

// `aio config schema`: every option that sections of aio can have.

#include <aio/cli/config_line.hpp>
#include <aio/config/render.hpp>

#include <string_view>
#include <vector>

namespace aio::cli {

/// What aio itself declares: [aio], every kind of section with the options all of them share,
/// logging.
std::vector<config::schema_listing> builtin_listings();

int config_schema(const config_line& line);

} // namespace aio::cli
