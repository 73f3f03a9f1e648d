#pragma once

// `aio NAME` where NAME is a command of `[aio/commands]`.

#include <aio/app/commands.hpp>
#include <aio/cli/command.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <string_view>

namespace aio::cli {

/// The line of help its module gave it; the dotted name when it cannot be loaded.
std::string user_command_help(const app::user_command& of, const config::tree& from);

/// Loads what is needed for this one command and runs it; what it returns is the exit status.
/// An unknown name is usage: it prints the choices.
int user_command(std::string_view name, const invocation& call);

} // namespace aio::cli
