#pragma once

// `aio -h`, `aio --version`, and the help of one command.

#include <aio/app/load.hpp>
#include <aio/cli/command_line.hpp>

#include <string>
#include <string_view>

namespace aio::cli {

/// The usage and every command with its line of help, including those of modules. With a broken
/// configuration, commands of modules are listed as far as they could be read.
std::string help_text(const app::load_request& request);

int print_version();

/// "usage: aio run [-d] …", what it does, its options. Returns 0.
int print_command_help(
    std::string_view usage, std::string_view about, const po::options_description& options
);

} // namespace aio::cli
