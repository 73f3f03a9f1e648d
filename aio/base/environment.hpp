#pragma once

// The environment of this process, read by one rule: a variable that is set but empty counts as not
// set. `NAME= command` is how people take a variable away for one command.

#include <aio/base/api.hpp>

#include <optional>
#include <string>

namespace aio::base {

/// The value of a variable; nothing when it is not set or empty. Not while another thread changes
/// the environment.
AIO_API std::optional<std::string> variable(const std::string& name);

} // namespace aio::base
