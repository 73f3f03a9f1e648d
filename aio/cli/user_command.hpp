#pragma once

// `aio NAME` where NAME is a command of `[aio/commands]`.

#include <aio/app/commands.hpp>
#include <aio/cli/command.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <string_view>

namespace aio::cli {

/// The line of help that the module gives the command; its dotted name when the module cannot be
/// loaded.
std::string user_command_help(const app::user_command& command, const config::tree& configuration);

/// Loads the module of the command, runs the command and returns its exit status.
/// Throws: usage_error for an unknown name, after printing the choices.
int user_command(std::string_view name, const invocation& call);

} // namespace aio::cli
