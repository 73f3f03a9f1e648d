#pragma once

// The sections [supervisor/NAME], and whether they and everything that runs fit together.

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

/// One section. What is wrong goes to `to`, the default stands in its place.
AIO_API supervisor_spec read_supervisor(const config::section& from, base::diagnostics& to);

/// Names that nobody has, circles, replacements that cannot be one; a warning for who can never
/// give up, unless `max_restarts` is a thousand or more, which says so. `units`: what will run; of
/// those in `absent` nothing is known but that they are there.
AIO_API void check_supervisors(
    std::span<const supervisor_spec> all,
    std::span<const common_spec> units,
    const absentees& absent,
    base::diagnostics& to
);

/// What a unit without `supervisor` but with `restart` is watched by: one_for_one by the defaults.
AIO_API supervisor_spec implicit_supervisor(const common_spec& of);

} // namespace aio::service
