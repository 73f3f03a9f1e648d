#include <aio/service/steps.hpp>

namespace aio::service {

step next_step(phase current, bool wanted, bool keeps_in_vain) noexcept {
    switch (current) {
    case phase::down:
        return wanted ? step::start : keeps_in_vain ? step::stop : step::none;
    case phase::starting:
        return wanted ? step::none : step::cancel_start;
    case phase::up:
        return wanted ? step::none : step::stop;
    case phase::stopping:
        break;
    }
    return step::none;
}

expiry on_expiry(phase current, overrun so_far, bool tree_stops) noexcept {
    if (so_far == overrun::none && current == phase::stopping)
        return expiry::cancel_stop;
    if (so_far == overrun::none && !tree_stops)
        return expiry::cancel_start;
    return so_far == overrun::hung ? expiry::leave_unfinished : expiry::stop_waiting;
}

} // namespace aio::service
