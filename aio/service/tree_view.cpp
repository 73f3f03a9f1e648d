// The tree as it is seen from outside: its graph and its figures.

#include <aio/async/hop.hpp>
#include <aio/service/tree_state.hpp>

namespace aio::service {

namespace {

/// A node whose children are on another loop.
struct grafted {
    std::size_t above;
    branch from;
};

void add_children(
    const std::vector<const unit*>& all,
    std::size_t above,
    graph& to,
    std::vector<grafted>& elsewhere
) {
    const std::string prefix = to.nodes[above].name + "/";
    for (const unit* one : all) {
        graph_node node;
        node.name = one->name().starts_with(prefix) ? one->name() : prefix + one->name();
        node.state = name(one->state());
        node.above = above;
        auto apart = one->apart();
        if (apart)
            node.loop = "own";
        to.nodes.push_back(std::move(node));
        const std::size_t at = to.nodes.size() - 1;
        if (apart)
            elsewhere.push_back({at, std::move(*apart)});
        else
            add_children(one->children(), at, to, elsewhere);
    }
}

/// The unit that a section's name stood for when the configuration was read.
const unit* original(const node& n) {
    if (n.acts_in)
        return n.acts_in->it.get();
    return n.retired.empty() ? n.it.get() : n.retired.front().get();
}

} // namespace

graph tree::draw_units() const {
    std::vector<const planned*> plans;
    std::vector<supervisor_spec> specs;
    std::map<std::string_view, const unit*> units;
    for (const auto& one : state_->nodes) {
        plans.push_back(one->plan);
        units[original(*one)->name()] = original(*one);
    }
    for (std::size_t i = 0; i < state_->named; ++i)
        specs.push_back(state_->supervisors[i]->spec);
    graph out = draw_plan(plans, specs);
    for (graph_node& one : out.nodes)
        if (const auto found = units.find(one.name); found != units.end())
            one.state = name(found->second->state());
    return out;
}

task<graph> tree::draw() const {
    const auto s = state_;
    graph out = draw_units();
    std::vector<grafted> elsewhere;
    for (std::size_t i = 0, drawn = out.nodes.size(); i < drawn; ++i) {
        const node* one = s->find(out.nodes[i].name);
        if (one && one->it && one->name() == out.nodes[i].name) // none that was replaced
            co_await async::on(*one->home, [it = one->it.get(), i, &out, &elsewhere] {
                add_children(it->children(), i, out, elsewhere);
            });
    }
    while (!elsewhere.empty()) {
        const grafted next = std::move(elsewhere.back());
        elsewhere.pop_back();
        co_await async::on(*next.from.at, [&next, &out, &elsewhere] {
            add_children(next.from.children(), next.above, out, elsewhere);
        });
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
