#pragma once

// The sections [supervisor/NAME], and the checks of supervisors and units together.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/order.hpp>
#include <aio/service/supervision.hpp>
#include <aio/service/unit.hpp>

#include <optional>
#include <span>
#include <vector>

namespace aio::service {

AIO_API const config::schema& supervisor_options();

/// Reads one section. Mistakes go to `problems`; the default replaces a wrong value.
AIO_API supervisor_spec read_supervisor(const config::section& from, base::diagnostics& problems);

/// Reports unknown names, cycles, and sections that cannot be a replacement. Warns about a
/// supervisor that can never give up, unless `max_restarts` is a thousand or more: then that is
/// intended. `units` will run; of the sections in `absent` only the names are known.
AIO_API void check_supervisors(
    std::span<const supervisor_spec> all,
    std::span<const common_spec> units,
    const absentees& absent,
    base::diagnostics& problems
);

/// The supervisor of a unit with `restart` and without `supervisor`: one_for_one, with defaults.
AIO_API supervisor_spec implicit_supervisor(const common_spec& common);

} // namespace aio::service
