#include <aio/base/hint_cache.hpp>
#include <aio/base/text.hpp>
#include <aio/config/options.hpp>
#include <aio/service/section_reader.hpp>
#include <aio/service/supervisor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace aio::service {

namespace {

using namespace std::chrono_literals;

constexpr strategy strategies[] = {
    strategy::one_for_one,
    strategy::one_for_all,
    strategy::rest_for_one,
    strategy::forfeit_one,
    strategy::forfeit_all
};

strategy strategy_of(std::string_view word) {
    const auto found =
        std::ranges::find(strategies, word, [](strategy value) { return name(value); });
    return found == std::end(strategies) ? strategy::one_for_one : *found;
}

/// At or above this limit, unlimited restarts are intended.
constexpr std::size_t endless = 1000;

void check_forfeit(
    const config::section& from,
    const supervisor_spec& supervisor,
    const config::options& typed,
    base::diagnostics& problems
) {
    for (const char* option : {"max_restarts", "over", "backoff", "backoff_max", "replacement"})
        if (const config::value* written = from.find(option); written && !written->inherited)
            problems.error(
                typed.where(option),
                fmt::format(
                    "[{}] {} has no meaning with strategy = {}: nothing is started again",
                    from.name(),
                    option,
                    name(supervisor.strategy)
                )
            );
}

bool is_several(std::string_view names) noexcept {
    return names.find('\n') != names.npos;
}

// The checks that need more than one section.
struct checker {
    std::span<const supervisor_spec> all;
    std::span<const common_spec> units;
    const absentees& absent;
    base::diagnostics& to;
    std::map<std::string_view, const supervisor_spec*> by_name;
    std::map<std::string_view, const supervisor_spec*> replacements;
    base::hint_cache supervisor_hints;
    base::hint_cache unit_hints;

    void known(const std::string& wanted, base::location where, const std::string& name) {
        if (wanted.empty() || by_name.contains(wanted))
            return;
        if (is_several(wanted)) {
            to.error(where, fmt::format("[{}] supervisor: one name only", name));
            return;
        }
        constexpr std::string_view kind = "supervisor/";
        const bool by_section = wanted.starts_with(kind);
        const std::string bare = by_section ? wanted.substr(kind.size()) : wanted;
        to.error(
            where,
            fmt::format("[{}] supervisor: there is no [supervisor/{}]", name, wanted),
            by_name.contains(bare) ? fmt::format("did you mean '{}'?", bare)
                                   : supervisor_hints.get(bare, [&] { return near(bare); })
        );
    }

    std::string near(const std::string& name) const {
        std::vector<std::string> names;
        for (const supervisor_spec& supervisor : all)
            names.push_back(supervisor.name);
        return base::did_you_mean(name, names);
    }

    std::string near_unit(const std::string& name) const {
        std::vector<std::string> names;
        for (const common_spec& each : units)
            names.push_back(each.section);
        return hint_for(name, names);
    }

    // Each circle is reported once, at its first member.
    void circle(const supervisor_spec& first) {
        std::string text = first.name;
        const supervisor_spec* supervisor = &first;
        for (std::size_t steps = 0; steps < all.size(); ++steps) {
            const auto above = by_name.find(supervisor->supervisor);
            if (supervisor->supervisor.empty() || above == by_name.end() || above->second < &first)
                return;
            supervisor = above->second;
            text += " -> " + supervisor->name;
            if (supervisor == &first) {
                to.error(
                    first.supervisor_where,
                    fmt::format("supervisors in a circle: {}", text),
                    "remove the option supervisor from one of them"
                );
                return;
            }
        }
    }

    const common_spec* unit(std::string_view name) const {
        const auto found = std::ranges::find(units, name, &common_spec::section);
        return found == units.end() ? nullptr : &*found;
    }

    void wrong(const supervisor_spec& supervisor, std::string_view why, std::string hint = {}) {
        to.error(
            supervisor.replacement_where,
            fmt::format(
                "[supervisor/{}] replacement: '{}' {}", supervisor.name, supervisor.replacement, why
            ),
            std::move(hint)
        );
    }

    void replacement(const supervisor_spec& supervisor) {
        if (supervisor.replacement.empty())
            return;
        if (is_several(supervisor.replacement)) {
            to.error(
                supervisor.replacement_where,
                fmt::format("[supervisor/{}] replacement: one name only", supervisor.name)
            );
            return;
        }
        const common_spec* common = unit(supervisor.replacement);
        const auto missing = absent.find(supervisor.replacement);
        if (!common && missing != absent.end()) {
            if (missing->second == absence::disabled)
                wrong(supervisor, "is not enabled");
            return;
        }
        if (!common) {
            const std::string& name = supervisor.replacement;
            wrong(supervisor, "is no section that runs", unit_hints.get(name, [&] {
                return near_unit(name);
            }));
            return;
        }
        const auto [other, fresh] = replacements.emplace(supervisor.replacement, &supervisor);
        if (!fresh)
            wrong(
                supervisor,
                fmt::format("is already the replacement of [supervisor/{}]", other->second->name)
            );
        if (!common->supervisor.empty())
            wrong(
                supervisor,
                fmt::format(
                    "is a replacement, so it cannot have a supervisor of its own, [supervisor/{}]",
                    common->supervisor
                )
            );
    }

    void waits_for_replacement(const common_spec& common) {
        for (std::size_t i = 0; i < common.depends.size(); ++i)
            if (const auto found = replacements.find(common.depends[i]);
                found != replacements.end())
                to.error(
                    i < common.depends_where.size() ? common.depends_where[i] : common.where,
                    fmt::format(
                        "[{}] depends on '{}', which only runs in place of another under "
                        "[supervisor/{}]",
                        common.section,
                        common.depends[i],
                        found->second->name
                    )
                );
    }

    void used(const supervisor_spec& supervisor) {
        const auto under = [&](const auto& other) { return other.supervisor == supervisor.name; };
        if (absent.empty() && std::ranges::none_of(units, under) &&
            std::ranges::none_of(all, under))
            to.warning(
                supervisor.where, fmt::format("[supervisor/{}] supervises nothing", supervisor.name)
            );
    }

    void can_give_up(const supervisor_spec& supervisor) {
        const bool known = std::ranges::none_of(absent, [](const auto& each) {
            return each.second == absence::broken;
        });
        const auto under = [&](const auto& other) { return other.supervisor == supervisor.name; };
        const auto members = static_cast<std::size_t>(
            std::ranges::count_if(units, under) + std::ranges::count_if(all, under)
        );
        if (!known || members == 0 || forfeits(supervisor.strategy) ||
            supervisor.backoff_max < supervisor.backoff || supervisor.max_restarts >= endless ||
            supervisor.max_restarts <= most_restarts(supervisor, members))
            return;
        supervisor_spec alone = supervisor;
        alone.max_restarts = most_restarts(supervisor, 1);
        while (alone.max_restarts > 1 && least_window(alone) > supervisor.over)
            --alone.max_restarts;
        to.warning(
            supervisor.limits_where,
            fmt::format(
                "[supervisor/{}] never gives up: its back-offs keep {} restarts (max_restarts) "
                "further apart than {} (over)",
                supervisor.name,
                supervisor.max_restarts,
                base::format(supervisor.over)
            ),
            fmt::format(
                "it does with over = {}, or with max_restarts = {}",
                base::format(std::chrono::ceil<std::chrono::milliseconds>(least_window(supervisor))
                ),
                alone.max_restarts
            )
        );
    }
};

} // namespace

const config::schema& supervisor_options() {
    static const config::schema all = [] {
        using config::type;
        config::schema s;
        std::vector<std::string> words;
        for (const strategy value : strategies)
            words.emplace_back(name(value));
        s.option(
            "strategy",
            base::choice{words.front(), words},
            "what follows when one of its sections crashes"
        );
        s.option("max_restarts", 5, "restarts within `over`; after that it gives up").least(0);
        s.option("over", 10s, "time window of max_restarts").least(0.001);
        s.option(
             "backoff",
             100ms,
             "pause before the first restart of a section; doubles with each further restart"
        )
            .least(0.001);
        s.option("backoff_max", 30s, "longest pause before a restart").least(0.001);
        s.add("replacement", type::string, "section that replaces the first one that crashes");
        s.add(
            "supervisor",
            type::string,
            "NAME of the supervisor above; default: the app, also for the supervisor that "
            "[DEFAULT] "
            "names"
        );
        return s;
    }();
    return all;
}

supervisor_spec read_supervisor(const config::section& from, base::diagnostics& problems) {
    const config::schema* by[] = {&supervisor_options()};
    const std::size_t before = problems.errors();
    const config::options typed = config::read(from, by, config::unknown::error, problems);
    supervisor_spec out;
    out.name = from.label();
    out.where = from.where();
    out.strategy = strategy_of(typed.get<base::choice>("strategy").value);
    out.max_restarts = static_cast<std::size_t>(typed.get<std::int64_t>("max_restarts"));
    out.over = typed.get<base::duration>("over");
    out.backoff = typed.get<base::duration>("backoff");
    out.backoff_max = typed.get<base::duration>("backoff_max");
    for (const char* one : {"backoff", "max_restarts", "over"})
        if (typed.given(one) || !out.limits_where.from)
            out.limits_where = typed.where(one);
    out.replacement = text_of(typed, "replacement");
    out.replacement_where = typed.where("replacement");
    out.supervisor = text_of(typed, "supervisor");
    out.supervisor_where = typed.where("supervisor");
    if (const config::value* written = from.find("supervisor");
        written && written->inherited && out.supervisor == out.name)
        out.supervisor.clear(); // [DEFAULT] means the others
    if (problems.errors() == before && out.backoff_max < out.backoff)
        problems.error(
            typed.where(typed.given("backoff_max") ? "backoff_max" : "backoff"),
            fmt::format("[{}] backoff_max is less than backoff", from.name())
        );
    if (forfeits(out.strategy))
        check_forfeit(from, out, typed, problems);
    return out;
}

void check_supervisors(
    std::span<const supervisor_spec> all,
    std::span<const common_spec> units,
    const absentees& absent,
    base::diagnostics& problems
) {
    checker one{all, units, absent, problems, {}, {}, {}, {}};
    for (const supervisor_spec& each : all)
        one.by_name.emplace(each.name, &each);
    for (const supervisor_spec& each : all) {
        one.known(each.supervisor, each.supervisor_where, "supervisor/" + each.name);
        one.circle(each);
        one.replacement(each);
    }
    for (const common_spec& each : units) {
        one.known(each.supervisor, each.supervisor_where, each.section);
        one.waits_for_replacement(each);
    }
    if (problems.failed())
        return; // the reported errors may be the reason
    for (const supervisor_spec& each : all) {
        one.used(each);
        one.can_give_up(each);
    }
}

supervisor_spec implicit_supervisor(const common_spec& common) {
    supervisor_spec out;
    out.where = common.where;
    return out;
}

} // namespace aio::service
