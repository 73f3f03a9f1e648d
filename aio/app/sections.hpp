#pragma once

// Which sections belong to aio, which are reserved, and which look like a misspelling of either.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

AIO_API void check_sections(const config::tree& from, base::diagnostics& to);

} // namespace aio::app
