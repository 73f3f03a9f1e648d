#include <aio/base/nowhere.hpp>
#include <aio/log/outage.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <utility>

namespace aio::log {

void outage::begin(std::string_view reason, std::string_view until) noexcept {
    if (std::exchange(begun_, true))
        return;
    unseen_ = 0;
    try {
        reports_.announce(fmt::format(
            "warning: the log {}; its records {} until {}",
            reason,
            base::leads_nowhere(STDERR_FILENO) ? "are lost" : "go to standard error",
            until
        ));
    } catch (const std::exception& e) {
        reports_.say(e.what());
    }
}

void outage::pass_on(std::string_view line) noexcept {
    reports_.lost_without_words(1);
    if (base::leads_nowhere(STDERR_FILENO) || !reports_.pass_on(line))
        ++unseen_;
}

void outage::end(std::string_view name) noexcept {
    if (!std::exchange(begun_, false))
        return;
    try {
        std::string text = fmt::format("the log reaches {} again", name);
        if (unseen_ != 0)
            text +=
                fmt::format("; {} of its records {} lost", unseen_, unseen_ == 1 ? "is" : "are");
        reports_.announce(text);
    } catch (const std::exception& e) {
        reports_.say(e.what());
    }
}

} // namespace aio::log
