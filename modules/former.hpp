#pragma once

// Module names of the Python system that aio follows. INI files list them, so they are built in.

#include <aio/module/entry.hpp>

#include <span>

namespace aio::module {

/// Modules that offer nothing and say what took their place.
std::span<const entry> former_modules() noexcept;

} // namespace aio::module
