#pragma once

// The options of a section [schedule/NAME] as values; mistakes are diagnostics.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/section_reader.hpp>
#include <aio/service/unit.hpp>
#include <aio/timetable/cron.hpp>
#include <aio/timetable/due.hpp>
#include <aio/timetable/zone.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace aio::schedule {

using timetable::cron;
using timetable::cron_error;
using timetable::spacing;
using timetable::zone;

enum class overlap { allow, skip, queue, cancel };
enum class on_error { go_on, stop, crash };

/// Exactly one of `every` and `cron` is set in a spec without errors.
struct spec {
    service::common_spec common;
    std::string func, cb, err; ///< dotted names; empty: none

    std::optional<base::duration> every;
    std::optional<schedule::cron> cron;
    zone place;                      ///< `timezone`
    bool first_after_period = false; ///< `first = after`
    base::duration delay{0};
    schedule::spacing spacing = spacing::start;

    schedule::overlap overlap = overlap::allow;
    std::size_t max_running = 100;
    base::duration jitter{0};
    std::optional<base::duration> timeout;
    schedule::on_error on_error = on_error::go_on;
    bool shield = false;

    config::options options; ///< the whole section, the function's own options included

    spec() = default;
};

/// The options of this kind of section, without the common ones.
AIO_API const config::schema& options();

/// Reads a section by options() and by what `from` names.
AIO_API spec read_spec(const service::section_source& from);

} // namespace aio::schedule
