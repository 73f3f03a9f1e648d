#pragma once

// What `aio module show` prints about an item of a module.

#include <aio/module/registry.hpp>

#include <string>

namespace aio::cli {

/// Kind and name, the help, and a line for each option: type, default, help.
std::string described(const module::item& item);

} // namespace aio::cli
