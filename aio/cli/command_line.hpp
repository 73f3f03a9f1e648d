#pragma once

// The command line up to the command's name, and the options every built-in command shares.
//
//     aio [-h] [--version] [-c FILE]... [-o SECTION:OPTION=VALUE]... COMMAND [ARG]...

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aio::cli {

namespace po = boost::program_options;

/// Wrong usage: the text says what, status 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct command_line {
    bool help = false;
    bool version = false;
    std::vector<std::string> files;     ///< -c
    std::vector<std::string> overrides; ///< -o
    std::string command;                ///< empty: none
    std::vector<std::string> arguments; ///< everything after it, unparsed
};

/// Whether `-h` or `--help` is among the arguments, in front of `--`.
bool asks_for_help(std::span<const std::string> arguments);

/// Help that is asked for comes before any mistake. After a mistake in front of a built-in command
/// that is asked for help, the answer holds the command and `--help` alone.
/// Throws usage_error.
command_line parse_command_line(std::span<const std::string> arguments);

/// Parses a command's own arguments; an unknown option is a usage_error that names the nearest one.
/// Words that are no option go into `words`, in order; without `words` they are a usage_error.
/// After a mistake next to `-h`, the answer holds "help" alone.
po::variables_map parse_options(
    std::span<const std::string> arguments,
    const po::options_description& known,
    std::vector<std::string>* words = nullptr
);

/// -c and -o, to be added to a built-in command's options, and taken from what it parsed.
po::options_description shared_options();

/// Next to `-h`, an -o that sets nothing is left out.
void take_shared(const po::variables_map& parsed, command_line& into);

/// Throws usage_error for the first argument of -o that sets nothing.
void check_overrides(std::span<const std::string> overrides);

/// "unrecognized option '--confg'" and the nearest one.
std::string unrecognized(std::string_view text, const po::options_description& known);

/// "invalid choice: 'rum' (choose from 'run', 'config')" and the nearest name.
std::string invalid_choice(std::string_view text, std::span<const std::string> choices);

} // namespace aio::cli
