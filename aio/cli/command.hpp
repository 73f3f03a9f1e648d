#pragma once

// A built-in command: its name, its line of help and its function. commands.cpp lists all commands.

#include <aio/app/load.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::cli {

/// The command line as a command receives it: shared options and its own arguments.
struct invocation {
    app::load_request config;           ///< -c and -o
    std::vector<std::string> arguments; ///< after the command's name, without -c, -o
};

/// Prints to standard output and standard error; returns the exit status (app/exit_status.hpp).
struct command {
    std::string_view name;
    std::string_view help; ///< one line for `aio -h`
    int (*run)(const invocation&);
    bool (*asks_for_help)(std::span<const std::string> arguments); ///< -h that is no value
};

/// All built-in commands, in the order of `aio -h`.
std::span<const command> builtin_commands() noexcept;

int run_command(const invocation&);
int config_command(const invocation&);
int test_command(const invocation&);
int graph_command(const invocation&);
int module_command(const invocation&);

} // namespace aio::cli
