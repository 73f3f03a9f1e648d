#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/process/ending.hpp>

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace aio::process {

bool ended_as_asked(const ending& how, int stop_signal) noexcept {
    constexpr int shell_base = 128;
    const int signal = how.status ? *how.status - shell_base : how.signal;
    return signal > 0 && !how.dumped &&
           (signal == stop_signal || signal == SIGTERM || signal == SIGINT || signal == SIGHUP);
}

std::string describe(const ending& how) {
    if (how.status)
        return fmt::format("exited with status {}", *how.status);
    if (how.signal)
        return fmt::format(
            "was killed by {}{}", signal_name(how.signal), how.dumped ? " and left a core" : ""
        );
    return "ended, its status is not known";
}

std::string signal_name(int number) {
    const char* name = ::sigabbrev_np(number);
    return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

std::optional<int> signal_number(std::string_view name) {
    if (const auto number = base::parse_integer(name)) {
        const bool exists = *number > 0 && *number <= SIGRTMAX;
        return exists ? std::optional(static_cast<int>(*number)) : std::nullopt;
    }
    if (base::equal_ignoring_case(name.substr(0, 3), "sig"))
        name.remove_prefix(3);
    for (int number = 1; number < NSIG; ++number)
        if (const char* known = ::sigabbrev_np(number))
            if (base::equal_ignoring_case(name, known))
                return number;
    return std::nullopt;
}

} // namespace aio::process
