#include <aio/app/repeated_request.hpp>

namespace aio::app {

bool repeated_request::come() noexcept {
    for (stage before = stage_;;) {
        if (before == stage::asked || before == stage::asked_again)
            return false;
        const bool first = before == stage::none;
        if (stage_.compare_exchange_weak(before, first ? stage::asked : stage::asked_again))
            return first;
    }
}

void repeated_request::begin() noexcept {
    stage_ = stage::answering;
}

bool repeated_request::end() noexcept {
    stage before = stage::answering;
    if (stage_.compare_exchange_strong(before, stage::none))
        return false;
    stage_ = stage::asked;
    return true;
}

} // namespace aio::app
