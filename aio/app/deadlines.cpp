#include <aio/app/deadlines.hpp>

#include <algorithm>
#include <utility>

namespace aio::app {

std::optional<base::duration> force_after(std::optional<base::duration> stop_timeout) noexcept {
    constexpr base::duration moment = std::chrono::milliseconds(200);
    if (!stop_timeout || *stop_timeout > base::duration::max() - moment)
        return std::nullopt;
    return *stop_timeout + moment;
}

void deadlines::arm(time_point now, base::duration within) noexcept {
    if (!stop_)
        stop_ = async::later(now, within);
}

void deadlines::shorten(time_point now, base::duration within) noexcept {
    stop_ = std::min(stop_.value_or(async::never), async::later(now, within));
}

void deadlines::told_to_stop(time_point now) noexcept {
    told_ = true;
    if (preparing_)
        limit_preparation(now);
}

void deadlines::preparation_begins(time_point now) noexcept {
    preparing_ = true;
    if (told_)
        limit_preparation(now);
}

void deadlines::preparation_ends() noexcept {
    preparing_ = false;
    preparation_.reset();
}

void deadlines::limit_preparation(time_point now) noexcept {
    if (!preparation_)
        preparation_ = async::later(now, preparation_patience);
}

bool deadlines::answers_due(time_point now) noexcept {
    if (!due(answers_, now))
        return false;
    answers_ = std::exchange(later_answers_, std::nullopt);
    return true;
}

deadlines::reached deadlines::look(time_point now) const noexcept {
    if (due(stop_, now))
        return reached::stop;
    return due(preparation_, now) ? reached::preparation : reached::nothing;
}

base::duration deadlines::left(time_point now, base::duration longest) const noexcept {
    base::duration least = longest;
    for (const moment& each : {stop_, preparation_, answers_})
        if (each)
            least = std::min(least, *each - now);
    return least;
}

} // namespace aio::app
