#pragma once

// What `aio config` was asked for.

#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aio::cli {

enum class config_action { dump, get, set, unset, check, diff, schema, help };

struct config_arguments {
    config_action action = config_action::dump;
    std::string key;                ///< get, set, unset: "section" or "section:option"; schema: a section
    std::string value;              ///< set
    std::vector<std::string> files; ///< -f
    bool interpolate = false;
    bool json = false;
    bool origin = false;
    bool show_secrets = false;
    bool dry_run = false;
    command_line shared;
};

/// Throws usage_error. Prints the help when that is what was asked for.
config_arguments parse_config_arguments(const std::vector<std::string>& arguments);

/// config_show.cpp: everything that only reads.
int show_config(const config_arguments& asked, const app::load_request& request);
/// config_change.cpp: set and unset.
int change_config(const config_arguments& asked, const app::load_request& request);

} // namespace aio::cli
