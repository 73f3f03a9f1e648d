// Searches for a standstill, for a user who has just started `aio run` at a terminal.

#include <aio/app/standstill.hpp>
#include <aio/app/state.hpp>
#include <aio/async/ask.hpp>
#include <aio/async/hop.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aio::app {
namespace {

constexpr std::string_view own_start = "its start";

/// Whether only another part of the app can end this wait: not time, a client or a file.
constexpr std::array<std::string_view, 6> waits_for_others{
    "event", "queue.pop", "queue.push", "a signal", "the end of a bean", own_start
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

/// Tasks of the process, those that report what the tree waits for, and those that deliver a
/// signal: the listener that they wait for has a task of its own.
bool is_of_aio(const async::task_info& task) {
    return task.owner == "aio" || (task.owner == "tree" && task.name.ends_with(" report")) ||
           (task.owner == "signal" && task.awaits == "emit");
}

bool stand(
    std::span<const running_unit> units,
    base::duration since,
    std::span<const async::task_info> others
) {
    return std::ranges::all_of(units, [&](const auto& unit) { return stands(unit, since); }) &&
           std::ranges::all_of(others, [&](const auto& task) {
               return is_of_aio(task) || waits(task, since);
           });
}

/// The caller of a start waits for it; what the start itself waits for is told by another task.
bool is_told_by_another(const async::task_info& task, const running_unit& unit) {
    return task.awaits == own_start && std::ranges::any_of(unit.tasks, [](const auto& other) {
               return other.awaits != own_start;
           });
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

std::vector<async::task_info>
add_tasks(std::span<running_unit> units, std::vector<async::task_info> tasks) {
    std::unordered_map<std::string_view, running_unit*> named;
    for (running_unit& unit : units)
        named.emplace(unit.name, &unit);
    std::vector<async::task_info> others;
    for (async::task_info& task : tasks) {
        std::string_view path = task.owner;
        while (!path.empty() && !named.contains(path))
            path = above(path);
        (path.empty() ? others : named[path]->tasks).push_back(std::move(task));
    }
    return others;
}

std::string standstill_text(
    std::span<const running_unit> units,
    base::duration since,
    std::span<const async::task_info> others
) {
    if (!stand(units, since, others))
        return {};
    std::string text;
    for (const running_unit& unit : units)
        for (const async::task_info& task : unit.tasks)
            if (!is_told_by_another(task, unit))
                text += fmt::format("aio:     {}{}\n", task.text(), signals_of(unit));
    for (const async::task_info& task : others)
        if (!is_of_aio(task))
            text += fmt::format("aio:     {}\n", task.text());
    if (text.empty())
        return {};
    return "aio: nothing happens any more, each task waits for another part of the app:\n" + text;
}

namespace {

using units_by_loop = std::unordered_map<const async::loop*, std::vector<const service::unit*>>;

/// What is known on one loop only.
struct loop_view {
    std::vector<running_unit> units;
    std::vector<async::task_info> tasks;
};

bool runs(const service::unit& unit) {
    return unit.state() == service::state::running || unit.state() == service::state::starting;
}

/// Whether a unit of this kind may depend on other parts of the app only; a client without a
/// protocol does. The others act by the clock, for clients or as processes.
bool may_depend_on_others(const service::unit& unit) {
    return unit.name().starts_with("bean/") || unit.name().starts_with("service/") ||
           unit.name().starts_with("client/");
}

/// The units that run or start; none in a stop, when the kind of one of them says that it acts by
/// itself, or when one may start again: then no loop has to be asked.
units_by_loop dependent_units(const app::state& s) {
    if (s.asked || s.stopping)
        return {};
    units_by_loop units;
    for (const auto& [unit, home] : s.units) {
        if (!unit || unit->state() == service::state::crashed)
            return {}; // it is being made, or may start again
        if (!runs(*unit))
            continue;
        if (!may_depend_on_others(*unit))
            return {};
        units[home].push_back(unit);
    }
    return units;
}

running_unit look_at(const service::unit& unit) {
    running_unit seen;
    seen.name = unit.name();
    seen.acts_by_itself = unit.acts_by_itself();
    seen.listens_for = unit.listens_for();
    return seen;
}

/// Called on that loop.
loop_view look_at(async::loop& loop, const units_by_loop& units) {
    loop_view seen;
    if (const auto found = units.find(&loop); found != units.end())
        for (const service::unit* unit : found->second)
            seen.units.push_back(look_at(*unit));
    seen.tasks = loop.snapshot();
    return seen;
}

/// The units of all loops with their tasks; `tasks` are those that no unit owns.
loop_view united(std::vector<loop_view> views) {
    loop_view all;
    for (loop_view& view : views)
        std::ranges::move(view.units, std::back_inserter(all.units));
    for (loop_view& view : views)
        std::ranges::move(
            add_tasks(all.units, std::move(view.tasks)), std::back_inserter(all.tasks)
        );
    return all;
}

/// Removes the task that searches, and the one above it that waits for it under the same name.
void remove(const async::task_node* searching, std::vector<async::task_info>& tasks) {
    if (!searching)
        return;
    const async::task_info own = async::describe(*searching, {});
    std::erase_if(tasks, [&](const async::task_info& task) {
        return task.name == own.name && task.owner == own.owner;
    });
}

/// The units and tasks of the main loop.
loop_view
look_at_main(const app::state& s, const units_by_loop& units, const async::task_node* searching) {
    loop_view seen = look_at(*s.main, units);
    remove(searching, seen.tasks);
    return seen;
}

/// The views of the loops besides the main one; nothing when a loop does not answer: it is at work.
task<std::optional<std::vector<loop_view>>> ask_others(app::state& s, units_by_loop units) {
    const auto others = s.others.all(); // kept while they are asked
    std::vector<async::loop*> loops;
    for (const std::shared_ptr<async::loop>& other : others)
        loops.push_back(other.get());
    auto answers = co_await async::ask(
        std::move(loops),
        service::tree::patience,
        [units = std::move(units)](async::loop& loop) { return look_at(loop, units); }
    );
    std::vector<loop_view> views;
    for (std::optional<loop_view>& answer : answers) {
        if (!answer)
            co_return std::nullopt;
        views.push_back(std::move(*answer));
    }
    co_return views;
}

/// Asks the other loops only when nothing on the main loop can go on. The answer of the main loop
/// may be older than theirs: a task of theirs that went on meanwhile has not waited for `since`.
task<std::string> search(app::state& s, base::duration since) {
    const units_by_loop units = dependent_units(s);
    if (units.empty())
        co_return std::string();
    const auto executor = co_await boost::asio::this_coro::executor;
    const loop_view main = look_at_main(s, units, async::task_node::of(executor));
    if (const loop_view first = united({main}); !stand(first.units, since, first.tasks))
        co_return std::string();
    auto views = co_await ask_others(s, units);
    if (!views)
        co_return std::string();
    views->insert(views->begin(), main);
    const loop_view all = united(std::move(*views));
    co_return standstill_text(all.units, since, all.tasks);
}

} // namespace

task<std::string> app::standstill(base::duration since) {
    return async::on(*state_->main, [s = state_.get(), since] { return search(*s, since); });
}

} // namespace aio::app
