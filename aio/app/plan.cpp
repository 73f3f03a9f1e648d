#include <aio/app/commands.hpp>
#include <aio/app/kinds.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/plan.hpp>
#include <aio/app/sections.hpp>
#include <aio/app/surroundings.hpp>
#include <aio/base/text.hpp>
#include <aio/command/registration.hpp>
#include <aio/config/options.hpp>
#include <aio/service/common.hpp>
#include <aio/service/order.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/sink/find.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>

namespace aio::app {
namespace {

constexpr std::array own_signals{"aio-starting", "aio-started", "aio-stopping", "aio-stopped"};

/// The app's own signal that the name is probably a misspelling of; nullptr when there is none.
const char* nearly_own(std::string_view name) {
    if (std::ranges::find(own_signals, name) != own_signals.end())
        return nullptr;
    const auto found =
        std::ranges::find_if(own_signals, [&](const char* own) { return base::nearly(name, own); });
    return found == own_signals.end() ? nullptr : *found;
}

bool is_below(const config::section& section, const config::value* value) {
    return value && value->text_where.from == section.where().from &&
           value->text_where.line < section.where().line;
}

/// Everything one pass over the sections needs.
struct planner {
    const config::tree& from;
    base::diagnostics& problems;
    plan& result;
    module::loader loader;
    std::shared_ptr<module::registry> registry = std::make_shared<module::registry>();
    module::resolver resolver;
    service::planning with;
    bool listed = false; ///< the modules of [aio] modules have been loaded
    std::map<const service::kind*, std::vector<service::planned>> made;
    service::absentees absent;
    std::vector<service::common_spec> broken; ///< for cycles: a mistake elsewhere does not hide one

    planner(const config::tree& tree, base::diagnostics& found, plan& into)
        : from(tree), problems(found), result(into), loader(make_loader(into.process)),
          resolver(loader, *registry, set_up) {
        with.undeclared =
            into.process.strict ? config::unknown::error : config::unknown::near_error;
        with.directory = into.process.working_directory;
        with.who = into.identity.value_or(base::own_identity());
        with.problems = &found;
        with.resolve = [this](
                           std::string_view kind, const std::string& dotted, base::location place
                       ) { return resolver.find(dotted, kind, place, *with.problems); };
        with.look = [this](std::string_view kind, const std::string& dotted) {
            return resolver.look(dotted, kind);
        };
        result.modules = registry;
    }

    void load_listed(
        std::string_view option,
        const base::list& names,
        const std::vector<base::location>& where = {}
    );
    void plan_sections();
    void plan_service(const service::kind& kind, const config::section& section);
    void load_modules();
    void collect_services();
    void leave_out(const config::section& section);
    void check_commands();
    void check_signals();
    void check_loops();
    void sort_services();
};

void planner::load_listed(
    std::string_view option, const base::list& names, const std::vector<base::location>& where
) {
    const config::value* written = from.find("aio", option);
    const base::location all = written ? written->text_where : base::location{};
    for (std::size_t i = 0; i < names.size(); ++i)
        resolver.load(names[i], i < where.size() ? where[i] : all, problems);
}

/// In the order in which they are written: a module that cannot be loaded is reported at the first
/// place that needs it.
void planner::plan_sections() {
    std::map<std::string_view, const service::kind*> by_name;
    for (const service::kind* kind : kinds())
        by_name[kind->name] = kind;
    for (const std::string& name : result.process.modules)
        resolver.preload(name); // so that messages about names know what they offer
    const config::value* modules = from.find("aio", "modules");
    for (const config::section& section : from.sections()) {
        const std::string_view name = section.name();
        const std::string_view kind = name.substr(0, name.find('/'));
        if (!listed && is_below(section, modules))
            load_modules();
        if (name.size() <= kind.size() + 1)
            continue;
        if (const auto found = by_name.find(kind); found != by_name.end())
            plan_service(*found->second, section);
        else if (kind == "supervisor")
            result.supervisors.push_back(service::read_supervisor(section, problems));
        else if (kind == "listen")
            result.listeners.push_back(listen::read_spec(section, with));
    }
    if (!listed)
        load_modules();
}

void planner::load_modules() {
    load_listed("modules", result.process.modules, result.process.modules_where);
    listed = true;
}

void planner::plan_service(const service::kind& kind, const config::section& section) {
    if (auto planned = kind.plan(section, with))
        made[&kind].push_back(std::move(*planned));
    else
        leave_out(section);
}

/// Kind by kind, as they are listed.
void planner::collect_services() {
    for (const service::kind* kind : kinds())
        std::ranges::move(made[kind], std::back_inserter(result.services));
}

void planner::leave_out(const config::section& section) {
    if (!service::enabled(section)) {
        absent[section.name()] = service::absence::disabled;
        return;
    }
    base::diagnostics reported_already;
    const config::schema* by[] = {&service::common_options()};
    const auto typed = config::read(section, by, config::unknown::keep, reported_already);
    broken.push_back(service::read_common(section, typed, reported_already));
}

void planner::check_commands() {
    for (const user_command& command : user_commands(from, problems))
        resolver.find(command.dotted, command::kind, command.where, problems);
}

/// A listener of a signal that is nearly one of the app's own would never hear it.
void planner::check_signals() {
    listen::check(result.listeners, problems);
    for (const config::section* section : from.of_kind("listen"))
        for (const config::value& value : section->values())
            if (const char* own = value.inherited ? nullptr : nearly_own(value.name))
                problems.error(
                    value.where,
                    fmt::format("[{}]: aio has no signal '{}'", section->name(), value.name),
                    fmt::format("did you mean '{}'?", own)
                );
}

void planner::check_loops() {
    for (const service::planned& planned : result.services) {
        const std::string& loop = planned.common.loop;
        std::size_t index = 0;
        if (loop == "main" || loop == "own")
            continue;
        std::from_chars(loop.data(), loop.data() + loop.size(), index);
        if (index >= result.process.loops)
            problems.error(
                planned.common.loop_where,
                fmt::format(
                    "[{}] loop: there is no loop {}, [aio] loops is {}",
                    planned.common.section,
                    loop,
                    result.process.loops
                ),
                "loops are counted from 0"
            );
    }
}

void planner::sort_services() {
    std::vector<service::common_spec> specs;
    for (const service::planned& planned : result.services)
        specs.push_back(planned.common);
    specs.insert(specs.end(), broken.begin(), broken.end());
    service::check_supervisors(result.supervisors, specs, absent, problems);
    std::vector<service::planned> sorted;
    for (const std::size_t index : service::order(specs, absent, problems))
        if (index < result.services.size())
            sorted.push_back(std::move(result.services[index]));
    result.services = std::move(sorted);
}

/// The listed modules that are absent or hidden. Each is reported.
std::vector<std::string> unknown_modules(const settings& listed) {
    const module::loader known = make_loader(listed);
    std::vector<std::string> absent = listed.builtin;
    absent.insert(absent.end(), listed.modules.begin(), listed.modules.end());
    std::erase_if(absent, [&](const std::string& name) {
        return known.presence_of(name) == config::presence::there;
    });
    return absent;
}

/// Whether the defaults of a module may hold the section: [my.example], [my.example/more].
bool belongs_to(std::string_view section, std::string_view module) {
    if (!section.starts_with(module))
        return false;
    section.remove_prefix(module.size());
    return section.empty() || section.front() == '.' || section.front() == '/';
}

} // namespace

bool plan::empty() const noexcept {
    return services.empty() && listeners.empty() && process.modules.empty();
}

plan make_plan(const config::tree& from, base::diagnostics& problems) {
    plan result;
    base::diagnostics of_settings; // said after those of the values
    result.process = read_settings(from, of_settings);
    from.check(problems, [absent = unknown_modules(result.process)](std::string_view section) {
        return std::ranges::any_of(absent, [&](const std::string& name) {
            return belongs_to(section, name);
        });
    });
    for (const base::diagnostic& one : of_settings)
        problems.add(one);
    result.identity = find_identity(result.process, from, problems);
    planner one(from, problems, result);
    result.logging = log::read_spec(from, problems, sink::find_in(one.resolver, problems));
    check_sections(from, problems);
    check_testing(from, one.loader, problems);
    one.load_listed("builtin", result.process.builtin);
    one.plan_sections();
    one.collect_services();
    one.check_commands();
    one.check_signals();
    one.check_loops();
    one.sort_services();
    check_surroundings(result, from, problems);
    return result;
}

} // namespace aio::app
