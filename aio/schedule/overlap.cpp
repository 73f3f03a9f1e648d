#include <aio/schedule/overlap.hpp>

namespace aio::schedule {

due_action on_due(const spec& section, std::size_t running, bool waiting) noexcept {
    if (running == 0)
        return due_action::start;
    switch (section.overlap) {
    case overlap::allow:
        return running < section.max_running ? due_action::start : due_action::skip;
    case overlap::skip:
        return due_action::skip;
    case overlap::queue:
        return waiting ? due_action::skip : due_action::wait;
    case overlap::cancel:
        return due_action::replace;
    }
    return due_action::skip;
}

} // namespace aio::schedule
