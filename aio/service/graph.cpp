#include <aio/service/graph.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace aio::service {

namespace {

graph_node node_of(const supervisor_spec& supervisor) {
    graph_node out;
    out.name = "supervisor/" + supervisor.name;
    out.what = name(supervisor.strategy);
    if (!forfeits(supervisor.strategy))
        out.restart =
            fmt::format("{} within {}", supervisor.max_restarts, base::format(supervisor.over));
    out.state.clear();
    return out;
}

graph_node node_of(const planned& planned) {
    graph_node out;
    out.name = planned.common.section;
    out.what = planned.what;
    out.loop = planned.common.loop;
    out.restart = name(planned.common.restart);
    out.label = planned.common.label;
    out.depends = planned.common.depends;
    return out;
}

// A supervisor stands in the list right before the first of its members.
struct drawing {
    std::span<const supervisor_spec> supervisors;
    graph out;
    std::map<std::string_view, std::size_t> index; ///< of supervisors already drawn

    const supervisor_spec* find(std::string_view name) const {
        const auto found = std::ranges::find(supervisors, name, &supervisor_spec::name);
        return found == supervisors.end() ? nullptr : &*found;
    }

    std::size_t place(std::string_view name) {
        const supervisor_spec* supervisor = name.empty() ? nullptr : find(name);
        if (!supervisor)
            return graph_node::nobody;
        if (const auto found = index.find(supervisor->name); found != index.end())
            return found->second;
        graph_node node = node_of(*supervisor);
        index.emplace(supervisor->name, graph_node::nobody); // a circle ends here
        node.above = place(supervisor->supervisor);
        const std::size_t position = out.nodes.size();
        index[supervisor->name] = position;
        out.nodes.push_back(std::move(node));
        return position;
    }

    void add(const planned& planned) {
        const auto by =
            std::ranges::find(supervisors, planned.common.section, &supervisor_spec::replacement);
        graph_node node = node_of(planned);
        if (by != supervisors.end()) {
            node.replaces = "supervisor/" + by->name;
            node.restart.clear();
        }
        node.above = place(by != supervisors.end() ? by->name : planned.common.supervisor);
        out.nodes.push_back(std::move(node));
    }
};

} // namespace

graph draw_plan(
    std::span<const planned* const> units, std::span<const supervisor_spec> supervisors
) {
    drawing d{supervisors, {}, {}};
    for (const planned* unit : units)
        d.add(*unit);
    for (const supervisor_spec& supervisor : supervisors)
        d.place(supervisor.name);
    return std::move(d.out);
}

graph draw_plan(std::span<const planned> units, std::span<const supervisor_spec> supervisors) {
    std::vector<const planned*> all;
    for (const planned& unit : units)
        all.push_back(&unit);
    return draw_plan(all, supervisors);
}

} // namespace aio::service
