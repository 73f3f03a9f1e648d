#pragma once

// Which sections belong to aio, which are reserved, and which look like a misspelling of either.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/loader.hpp>

namespace aio::app {

AIO_API void check_sections(const config::tree& from, base::diagnostics& to);

/// The options of [aio/testing].
AIO_API const config::schema& testing_schema();

/// [aio/testing], whose modules have to be there; none of them is loaded.
AIO_API void
check_testing(const config::tree& from, const module::loader& known, base::diagnostics& to);

} // namespace aio::app
