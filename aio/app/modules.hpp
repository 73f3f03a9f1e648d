#pragma once

// Where modules are searched for, and how a module registers.

#include <aio/app/settings.hpp>
#include <aio/base/api.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/resolve.hpp>

namespace aio::app {

/// Searches `[aio] module_path`, then the installation's own folder.
AIO_API module::loader make_loader(const settings& settings);

/// Calls a module's entry with the builder of aio/module.hpp. Throws std::logic_error when
/// something of it declares an option whose name is one of aio's own in the section that it would
/// run in.
AIO_API void set_up(const module::entry& entry, module::registry& into);

} // namespace aio::app
