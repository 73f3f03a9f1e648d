#include <aio/app/watchdog_report.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>

namespace aio::app {
namespace {

using namespace std::chrono_literals;

/// At an end by force, a loop whose current call has taken this long is named as blocked.
constexpr auto blocked = 100ms;
/// The most units that are listed.
constexpr std::size_t most_named = 20;

std::string shown(base::duration busy) {
    return base::format(std::chrono::floor<std::chrono::milliseconds>(busy));
}

std::string units_that_run(std::span<const watched_unit> units) {
    std::string text;
    std::size_t left = 0;
    for (const watched_unit& unit : units)
        if (unit.runs() && left++ < most_named)
            text += unit.line;
    if (left > most_named)
        text += fmt::format("aio: and more, {} in all\n", left);
    return text;
}

} // namespace

std::string forced_end(
    std::span<const busy_loop> loops, const std::string& told, std::span<const watched_unit> units
) {
    std::string text = "aio: the stop deadline has passed, ending by force\n";
    for (const busy_loop& loop : loops)
        if (loop.busy >= blocked)
            text += fmt::format(
                "aio: loop {} is blocked: it has been in one call for {}\n",
                loop.name,
                shown(loop.busy)
            );
    return text + (told.empty() ? units_that_run(units) : told);
}

std::string ended_in_preparation(const std::string& told) {
    return "aio: told to stop before any service has started, ending\n" + told;
}

std::string
blocking_detected(const busy_loop& loop, base::duration limit, const std::string& stack) {
    return fmt::format(
        "WARNING: Blocking detected (timeout={:.1f}): loop {} has been in one call for {}\n{}",
        std::chrono::duration<double>(limit).count(),
        loop.name,
        shown(loop.busy),
        stack
    );
}

std::string no_answer(const busy_loop& loop, const std::string& stack) {
    return fmt::format(
        "aio: loop {} has not answered for {}, its tasks cannot be listed\n{}",
        loop.name,
        shown(loop.busy),
        stack
    );
}

} // namespace aio::app
