#pragma once

// Reads the environment of this process by one rule: a variable that is set but empty counts as not
// set, because `NAME= command` is a common way to remove a variable for one command.

#include <aio/base/api.hpp>

#include <optional>
#include <string>

namespace aio::base {

/// The value of a variable; nothing when it is not set or empty. Must not run while another thread
/// changes the environment.
AIO_API std::optional<std::string> variable(const std::string& name);

} // namespace aio::base
