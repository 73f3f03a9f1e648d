#pragma once

// The section [aio/commands]: the commands a user adds to those of aio itself.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <vector>

namespace aio::app {

/// A name and the dotted name of a command that a module registered.
struct user_command {
    std::string name, dotted;
    base::location where; ///< of the dotted name
};

/// The commands that can be read. A name that is one of aio's own commands is an error in
/// `problems`.
AIO_API std::vector<user_command>
user_commands(const config::tree& tree, base::diagnostics& problems);

} // namespace aio::app
