#pragma once

// What `aio module show` prints about one thing a module registered.

#include <aio/config/schema.hpp>
#include <aio/module/registry.hpp>

#include <string>

namespace aio::cli {

/// A default as it would be written in a configuration; empty when there is none.
std::string written(const config::typed& value);

/// Kind and name, the help, and a line for each option: type, default, help.
std::string described(const module::item& of);

} // namespace aio::cli
