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

    static void see(const unit& unit, bool apart, row& row) {
        row.what = base::demangle(typeid(unit).name());
        row.restart = "with its parent";
        row.state = name(unit.state());
        if (apart)
            row.loop = "own";
    }

    static void look_at(const unit& unit, row& row) { row.condition = unit.condition(); }

    static void answer(row from, row& to) { to.condition = std::move(from.condition); }
};

struct figures_row {
    std::string name;
    std::size_t above = graph_node::nobody;
    unit_figures counted;

    figures_row() = default;
};

struct figures_view {
    using row = figures_row;

    static void see(const unit&, bool, row& row) {
        row.counted.name = row.name;
        row.counted.answered = false;
    }

    static void look_at(const unit& unit, row& row) {
        row.counted.answered = true;
        row.counted.own = unit.statistics();
        if (const auto* child = dynamic_cast<const service*>(&unit)) {
            row.counted.restarts = child->restarts();
            row.counted.starts = child->restarts() + (unit.state() != state::init);
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
        for (const std::size_t index : below[which])
            self(self, index);
    };
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].above == graph_node::nobody)
            add(add, i);
    return all;
}

/// The unit that the name of the section meant when the configuration was read.
const unit* original(const unit_state& n) {
    if (n.acts_in)
        return n.acts_in->subject.get();
    return n.retired.empty() ? n.subject.get() : n.retired.front().get();
}

} // namespace

graph tree::draw_units() const {
    std::vector<const planned*> plans;
    std::vector<supervisor_spec> specs;
    std::map<std::string_view, const unit*> units;
    for (const auto& unit : state_->units) {
        plans.push_back(unit->plan);
        units[original(*unit)->name()] = original(*unit);
    }
    for (std::size_t i = 0; i < state_->named; ++i)
        specs.push_back(state_->supervisors[i]->spec);
    graph out = draw_plan(plans, specs);
    for (graph_node& node : out.nodes)
        if (const auto found = units.find(node.name); found != units.end())
            node.state = name(found->second->state());
    return out;
}

task<graph> tree::draw() const {
    const auto s = state_;
    graph out = draw_units();
    by_loop<family> units;
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
        const unit_state* unit = s->find(out.nodes[i].name);
        if (unit && unit->subject && unit->name() == out.nodes[i].name) // it was not replaced
            units.add(*unit->home, i, family(*unit->subject));
    }
    out.silent = co_await look_below<graph_view>(std::move(units), out.nodes);
    co_return out;
}

task<std::vector<unit_figures>> tree::statistics() const {
    const auto s = state_;
    std::vector<figures_row> rows;
    by_loop<family> units;
    for (const auto& unit : s->units) {
        if (unit->waits && !unit->subject)
            continue;
        units.add(*unit->home, rows.size(), family(*unit->subject));
        figures_row& row = rows.emplace_back();
        row.name = row.counted.name = unit->name();
        row.counted.starts = unit->starts;
        row.counted.crashes = unit->crashes;
        row.counted.restarts = unit->restarts;
        row.counted.answered = false;
    }
    co_await look_below<figures_view>(std::move(units), rows);
    co_return by_family(std::move(rows));
}

} // namespace aio::service
