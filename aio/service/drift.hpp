#pragma once

// When the timer of a service logs that it was late. It is never early, and one delay does not
// delay the next run: every run is due at a whole period. (In mode, its model, a late timer moved
// the next run.)

#include <aio/base/units.hpp>

#include <algorithm>
#include <chrono>

namespace aio::service {

/// Whether a run that begins `late` has to be logged: when it is late by 30 % of its period or by
/// 1.2 s, whichever is less. Never for periods below a second.
constexpr bool is_drift(base::duration period, base::duration late) noexcept {
    using namespace std::chrono_literals;
    return period >= 1s && late >= std::min<base::duration>(period / 10 * 3, 1200ms);
}

} // namespace aio::service
