#pragma once

// `aio config schema`: every option that sections of aio can have.

#include <aio/cli/config_line.hpp>
#include <aio/config/render.hpp>

#include <string_view>
#include <vector>

namespace aio::cli {

/// The options aio itself declares: of [aio], of every kind of section with the shared options, and
/// of logging.
std::vector<config::schema_listing> builtin_listings();

int config_schema(const config_line& line);

} // namespace aio::cli
