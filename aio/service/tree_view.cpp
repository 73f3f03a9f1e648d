// The tree as others see it: its graph and its figures.

#include <aio/base/demangle.hpp>
#include <aio/service/service.hpp>
#include <aio/service/tree_walk.hpp>

#include <map>
#include <typeinfo>
#include <utility>

namespace aio::service {

namespace {

struct graph_view {
    using row = graph_node;

    static void see(const unit& one, bool apart, row& to) {
        to.what = base::demangle(typeid(one).name());
        to.restart = "with its parent";
        to.state = name(one.state());
        if (apart)
            to.loop = "own";
    }

    static void look_at(const unit&, row&) {}

    static void answer(row, row&) {}
};

struct figures_row {
    std::string name;
    std::size_t above = graph_node::nobody;
    unit_figures counted;

    figures_row() = default;
};

struct figures_view {
    using row = figures_row;

    static void see(const unit&, bool, row& to) {
        to.counted.name = to.name;
        to.counted.answered = false;
    }

    static void look_at(const unit& one, row& to) {
        to.counted.answered = true;
        to.counted.own = one.statistics();
        if (const auto* child = dynamic_cast<const service*>(&one)) {
            to.counted.restarts = child->restarts();
            to.counted.starts = child->restarts() + (one.state() != state::init);
        }
    }

    /// The tree itself has counted the starts of its units.
    static void answer(row from, row& to) {
        to.counted.answered = from.counted.answered;
        to.counted.own = std::move(from.counted.own);
        if (to.above != graph_node::nobody) {
            to.counted.starts = from.counted.starts;
            to.counted.restarts = from.counted.restarts;
        }
    }
};

/// Each row followed by the rows below it, in their order.
std::vector<unit_figures> by_family(std::vector<figures_row> rows) {
    std::vector<std::vector<std::size_t>> below(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].above != graph_node::nobody)
            below[rows[i].above].push_back(i);
    std::vector<unit_figures> all;
    const auto add = [&](const auto& self, std::size_t which) -> void {
        all.push_back(std::move(rows[which].counted));
        for (const std::size_t one : below[which])
            self(self, one);
    };
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].above == graph_node::nobody)
            add(add, i);
    return all;
}

/// The unit that the name of the section meant when the configuration was read.
const unit* original(const unit_state& n) {
    if (n.acts_in)
        return n.acts_in->it.get();
    return n.retired.empty() ? n.it.get() : n.retired.front().get();
}

} // namespace

graph tree::draw_units() const {
    std::vector<const planned*> plans;
    std::vector<supervisor_spec> specs;
    std::map<std::string_view, const unit*> units;
    for (const auto& one : state_->units) {
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
    by_loop<family> units;
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
        const unit_state* one = s->find(out.nodes[i].name);
        if (one && one->it && one->name() == out.nodes[i].name) // it was not replaced
            units.add(*one->home, i, family(*one->it));
    }
    out.silent = co_await look_below<graph_view>(std::move(units), out.nodes);
    co_return out;
}

task<std::vector<unit_figures>> tree::statistics() const {
    const auto s = state_;
    std::vector<figures_row> rows;
    by_loop<family> units;
    for (const auto& one : s->units) {
        if (one->waits && !one->it)
            continue;
        units.add(*one->home, rows.size(), family(*one->it));
        figures_row& row = rows.emplace_back();
        row.name = row.counted.name = one->name();
        row.counted.starts = one->starts;
        row.counted.crashes = one->crashes;
        row.counted.restarts = one->restarts;
        row.counted.answered = false;
    }
    co_await look_below<figures_view>(std::move(units), rows);
    co_return by_family(std::move(rows));
}

} // namespace aio::service
