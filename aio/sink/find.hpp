#pragma once

// From `class` of a [handler_*] section to what a module registered under that name.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/log/spec.hpp>
#include <aio/module/resolve.hpp>

namespace aio::sink {

/// For log::read_spec. Both have to outlive what is returned.
AIO_API log::find_offered find_in(module::resolver& modules, base::diagnostics& problems);

} // namespace aio::sink
