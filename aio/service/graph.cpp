#include <aio/service/graph.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace aio::service {

namespace {

graph_node node_of(const supervisor_spec& of) {
    graph_node out;
    out.name = "supervisor/" + of.name;
    out.what = name(of.strategy);
    if (!forfeits(of.strategy))
        out.restart = fmt::format("{} within {}", of.max_restarts, base::format(of.over));
    out.state.clear();
    return out;
}

graph_node node_of(const planned& of) {
    graph_node out;
    out.name = of.common.section;
    out.what = of.what;
    out.loop = of.common.loop;
    out.restart = name(of.common.restart);
    out.label = of.common.label;
    out.depends = of.common.depends;
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
        const supervisor_spec* one = name.empty() ? nullptr : find(name);
        if (!one)
            return graph_node::nobody;
        if (const auto found = index.find(one->name); found != index.end())
            return found->second;
        graph_node node = node_of(*one);
        index.emplace(one->name, graph_node::nobody); // a circle ends here
        node.above = place(one->supervisor);
        const std::size_t at = out.nodes.size();
        index[one->name] = at;
        out.nodes.push_back(std::move(node));
        return at;
    }

    void add(const planned& one) {
        const auto by =
            std::ranges::find(supervisors, one.common.section, &supervisor_spec::replacement);
        graph_node node = node_of(one);
        if (by != supervisors.end()) {
            node.replaces = "supervisor/" + by->name;
            node.restart.clear();
        }
        node.above = place(by != supervisors.end() ? by->name : one.common.supervisor);
        out.nodes.push_back(std::move(node));
    }
};

} // namespace

graph draw_plan(
    std::span<const planned* const> units, std::span<const supervisor_spec> supervisors
) {
    drawing d{supervisors, {}, {}};
    for (const planned* one : units)
        d.add(*one);
    for (const supervisor_spec& one : supervisors)
        d.place(one.name);
    return std::move(d.out);
}

graph draw_plan(std::span<const planned> units, std::span<const supervisor_spec> supervisors) {
    std::vector<const planned*> all;
    for (const planned& one : units)
        all.push_back(&one);
    return draw_plan(all, supervisors);
}

} // namespace aio::service
