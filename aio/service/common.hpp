#pragma once

// The options that all units have in common: declared and read in one place.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/unit.hpp>

namespace aio::service {

/// `enabled`, `label`, `depends`, `loop`, `start_timeout`, `stop_timeout`, `supervisor`, `restart`.
AIO_API const config::schema& common_options();

/// Reads these options from a section that was read by common_options() among other schemas.
/// Mistakes that the schema cannot detect go to `problems`.
AIO_API common_spec
read_common(const config::section& from, const config::options& typed, base::diagnostics& problems);

/// The value of `enabled`, without a report; true when it cannot be read.
AIO_API bool enabled(const config::section& from);

} // namespace aio::service
