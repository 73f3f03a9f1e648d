#pragma once

// What `aio module show` prints about one thing a module registered.

#include <aio/module/registry.hpp>

#include <string>

namespace aio::cli {

/// Kind and name, the help, and a line for each option: type, default, help.
std::string described(const module::item& of);

} // namespace aio::cli
