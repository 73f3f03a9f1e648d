// The tree as it is seen from outside: its graph and its figures.

#include <aio/async/hop.hpp>
#include <aio/service/tree_state.hpp>

#include <utility>

namespace aio::service {

namespace {

void add_children(const unit& of, std::size_t above, graph& to) {
    const std::string prefix = to.nodes[above].name + "/";
    for (const unit* one : of.children()) {
        graph_node node;
        node.name = one->name().starts_with(prefix) ? one->name() : prefix + one->name();
        node.state = name(one->state());
        node.above = above;
        to.nodes.push_back(std::move(node));
        add_children(*one, to.nodes.size() - 1, to);
    }
}

/// The unit that a section's name stood for when the configuration was read.
const unit* original(const node& n) {
    if (n.acts_in)
        return n.acts_in->it.get();
    return n.retired.empty() ? n.it.get() : n.retired.front().get();
}

} // namespace

task<graph> tree::draw() const {
    const auto s = state_;
    std::vector<const planned*> plans;
    std::vector<supervisor_spec> specs;
    std::vector<std::pair<const unit*, async::loop*>> units;
    std::map<std::string_view, std::size_t> index;
    for (const auto& one : s->nodes) {
        const unit* it = original(*one);
        plans.push_back(one->plan);
        index[it->name()] = units.size();
        async::loop* home = one->acts_in ? one->acts_in->home : one->home;
        units.emplace_back(it, one->retired.empty() ? home : nullptr);
    }
    for (const auto& one : s->supervisors)
        if (!one->spec.name.empty())
            specs.push_back(one->spec);
    graph out = draw_plan(plans, specs);
    const std::size_t drawn = out.nodes.size();
    for (std::size_t i = 0; i < drawn; ++i) {
        const auto found = index.find(out.nodes[i].name);
        if (found == index.end())
            continue;
        const auto [it, home] = units[found->second];
        out.nodes[i].state = name(it->state());
        if (home)
            co_await async::on(*home, [it = it, i, &out] { add_children(*it, i, out); });
    }
    co_return out;
}

task<std::vector<tree::counts>> tree::statistics() const {
    const auto s = state_;
    std::vector<counts> all;
    for (const auto& one : s->nodes) {
        if (one->waits && !one->it)
            continue;
        counts c;
        c.name = one->name();
        c.starts = one->starts;
        c.crashes = one->crashes;
        c.restarts = one->restarts;
        c.own = co_await async::on(*one->home, [it = one->it.get()] { return it->statistics(); });
        all.push_back(std::move(c));
    }
    co_return all;
}

} // namespace aio::service
