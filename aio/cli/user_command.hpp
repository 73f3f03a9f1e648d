#pragma once

// Commands of `[aio/commands]`: a name and the dotted name of a command that a module registered.

#include <aio/cli/command.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio::cli {

struct user_command_line {
    std::string name, dotted;
    base::location where;
};

/// Those of [aio/commands]; one that takes a built-in name is an error in `to`.
std::vector<user_command_line> user_commands(const config::tree& from, base::diagnostics& to);

/// Loads what is needed for this one command and runs it; what it returns is the exit status.
/// An unknown name is usage: it prints the choices.
/// The line of help its module gave it; the dotted name when it cannot be loaded.
std::string user_command_help(const user_command_line& of, const config::tree& from);

int user_command(std::string_view name, const invocation& call);

} // namespace aio::cli
