#include <aio/log/outage.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <utility>

namespace aio::log {

namespace {

/// Whether nobody ever sees what is written to standard error: it is closed, /dev/null, a file
/// without a name, or a pipe without a reader.
bool nobody_sees_standard_error() noexcept {
    struct stat now{};
    if (::fstat(STDERR_FILENO, &now) != 0)
        return true;
    if (S_ISREG(now.st_mode))
        return now.st_nlink == 0;
    if (S_ISCHR(now.st_mode))
        return now.st_rdev == makedev(1, 3); // /dev/null
    pollfd asked{STDERR_FILENO, POLLOUT, 0};
    return S_ISFIFO(now.st_mode) && ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLERR) != 0;
}

} // namespace

void outage::begin(std::string_view reason, std::string_view until) noexcept {
    if (std::exchange(begun_, true))
        return;
    unseen_ = 0;
    try {
        reports_.announce(fmt::format(
            "warning: the log {}; its records {} until {}",
            reason,
            nobody_sees_standard_error() ? "are lost" : "go to standard error",
            until
        ));
    } catch (const std::exception& e) {
        reports_.say(e.what());
    }
}

void outage::pass_on(std::string_view line) noexcept {
    reports_.lost_without_words(1);
    if (nobody_sees_standard_error())
        ++unseen_;
    else
        reports_.pass_on(line);
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
