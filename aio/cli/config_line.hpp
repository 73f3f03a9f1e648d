#pragma once

// The parsed command line of `aio config`.

#include <aio/app/load.hpp>
#include <aio/cli/command_line.hpp>

#include <span>
#include <string>
#include <vector>

namespace aio::cli {

enum class config_action { help, dump, get, set, unset, check, diff, schema };

struct config_line {
    config_action action = config_action::dump;
    std::string key;                ///< get, set, unset, schema
    std::string value;              ///< set
    std::vector<std::string> files; ///< -f
    app::load_request config;       ///< -c and -o, those before the command included
    bool interpolate = false;
    bool json = false;
    bool origin = false;
    bool show_secrets = false;
    bool dry_run = false;
};

/// Throws usage_error.
config_line parse_config_line(app::load_request before, std::span<const std::string> arguments);

/// Whether these arguments of `aio config` ask for help. In `set a:b -h` the word is a value.
bool asks_for_config_help(std::span<const std::string> arguments);

/// For `aio config -h`.
po::options_description config_options();

} // namespace aio::cli
