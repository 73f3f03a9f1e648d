#pragma once

// Tells which sections belong to aio, which are reserved, and which look like a misspelling of
// either.

#include <aio/app/module_names.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/loader.hpp>

#include <optional>
#include <string>

namespace aio::app {

/// Checks the names of all sections.
AIO_API void check_sections(const config::tree& tree, base::diagnostics& problems);

/// Why a section [NAME] cannot be a module's own: it belongs to aio, or looks as if it did. Empty:
/// it can.
AIO_API std::string why_not_own_section(const std::string& name);

/// The options of [aio/testing].
AIO_API const config::schema& testing_schema();

/// The modules of [aio/testing]; nothing when they are not set.
AIO_API std::optional<module_names>
read_testing(const config::tree& tree, base::diagnostics& problems);

/// Checks [aio/testing]: its modules have to be there. None of them is loaded.
AIO_API void
check_testing(const config::tree& tree, const module::loader& known, base::diagnostics& problems);

} // namespace aio::app
