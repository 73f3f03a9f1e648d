// Searches for a standstill, for a user who has just started `aio run` at a terminal.

#include <aio/app/standstill.hpp>
#include <aio/app/state.hpp>
#include <aio/async/hop.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

/// Whether only another part of the app can end this wait: not time, a client or a file.
constexpr std::array<std::string_view, 6> waits_for_others{
    "event", "queue.pop", "queue.push", "a signal", "the end of a bean", "its start"
};

bool waits(const async::task_info& task, base::duration since) {
    return task.lasts >= since &&
           (task.awaits.starts_with("the value '") ||
            std::ranges::find(waits_for_others, task.awaits) != waits_for_others.end());
}

bool stands(const running_unit& unit, base::duration since) {
    return !unit.acts_by_itself &&
           std::ranges::all_of(unit.tasks, [&](const auto& task) { return waits(task, since); });
}

std::string signals_of(const running_unit& unit) {
    if (unit.listens_for.empty())
        return {};
    std::string names;
    for (const std::string& name : unit.listens_for)
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", name);
    return fmt::format("; {} listens for the signal {}", unit.name, names);
}

/// The path without its last part; empty when it has only one.
std::string_view above(std::string_view path) {
    const std::size_t end = path.rfind('/');
    return end == path.npos ? std::string_view() : path.substr(0, end);
}

} // namespace

void add_tasks(std::span<running_unit> units, std::vector<async::task_info> tasks) {
    std::unordered_map<std::string_view, running_unit*> named;
    for (running_unit& unit : units)
        named.emplace(unit.name, &unit);
    for (async::task_info& task : tasks)
        for (std::string_view path = task.owner; !path.empty(); path = above(path))
            if (const auto found = named.find(path); found != named.end()) {
                found->second->tasks.push_back(std::move(task));
                break;
            }
}

std::string standstill_text(std::span<const running_unit> units, base::duration since) {
    std::string text;
    for (const running_unit& unit : units) {
        if (!stands(unit, since))
            return {};
        for (const async::task_info& task : unit.tasks)
            text += fmt::format("aio:     {}{}\n", task.text(), signals_of(unit));
    }
    if (text.empty())
        return {};
    return "aio: nothing happens any more, each task waits for another part of the app:\n" + text;
}

namespace {

bool runs(const service::unit& unit) {
    return unit.state() == service::state::running || unit.state() == service::state::starting;
}

bool acts_by_itself(const service::unit& unit) {
    const bool known = unit.name().starts_with("bean/") || unit.name().starts_with("service/");
    return !known || !unit.endpoints().empty();
}

running_unit look_at(const service::unit& unit) {
    running_unit seen;
    seen.name = unit.name();
    seen.listens_for = unit.listens_for();
    return seen;
}

/// Nothing when a unit acts by itself. Units on other loops count as such: what they listen for is
/// known only there.
std::vector<running_unit> waiting_units(const app::state& s) {
    std::vector<running_unit> units;
    for (const auto& [unit, home] : s.units) {
        if (!runs(*unit))
            continue;
        if (home != s.main || acts_by_itself(*unit))
            return {};
        units.push_back(look_at(*unit));
    }
    return units;
}

task<std::string> search(app::state& s, base::duration since) {
    std::vector<running_unit> units = waiting_units(s);
    if (!units.empty())
        add_tasks(units, s.main->snapshot());
    co_return standstill_text(units, since);
}

} // namespace

task<std::string> app::standstill(base::duration since) {
    return async::on(*state_->main, [s = state_.get(), since] { return search(*s, since); });
}

} // namespace aio::app
