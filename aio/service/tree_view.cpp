// The tree as it is seen from outside: its graph and its figures.

#include <aio/async/ask.hpp>
#include <aio/service/tree_state.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <type_traits>
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

/// What stands under the first node of `below` comes under node number `where`.
void graft(const graph& below, std::size_t where, graph& to) {
    const std::size_t first = to.nodes.size();
    for (std::size_t i = 1; i < below.nodes.size(); ++i) {
        to.nodes.push_back(below.nodes[i]);
        const std::size_t above = below.nodes[i].above;
        to.nodes.back().above = above == 0 ? where : first + above - 1;
    }
}

/// Units, each with a place in a list, to be asked on their loops: all loops at once.
class by_loop {
  public:
    void add(async::loop& home, std::size_t place, const unit& of) {
        (*units_)[&home].emplace_back(place, &of);
    }

    template <typename R>
    struct answers {
        std::vector<std::pair<std::size_t, R>> found;
        std::vector<std::string> silent; ///< loops
    };

    template <typename F, typename R = std::invoke_result_t<const F&, const unit&>>
    task<answers<R>> ask(F f) {
        std::vector<async::loop*> loops;
        for (const auto& [loop, units] : *units_)
            loops.push_back(loop);
        auto told =
            co_await async::ask(loops, tree::patience, [units = units_, f](async::loop& at) {
                std::vector<std::pair<std::size_t, R>> here;
                for (const auto& [place, one] : units->at(&at))
                    here.emplace_back(place, f(*one));
                return here;
            });
        answers<R> out;
        for (std::size_t i = 0; i < loops.size(); ++i)
            if (told[i])
                std::ranges::move(*told[i], std::back_inserter(out.found));
            else
                out.silent.push_back(loops[i]->name());
        std::ranges::sort(out.found, {}, [](const auto& one) { return one.first; });
        co_return out;
    }

  private:
    using list = std::map<async::loop*, std::vector<std::pair<std::size_t, const unit*>>>;
    std::shared_ptr<list> units_ = std::make_shared<list>();
};

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
    by_loop units;
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
        const node* one = s->find(out.nodes[i].name);
        if (one && one->it && one->name() == out.nodes[i].name) // none that was replaced
            units.add(*one->home, i, *one->it);
    }
    const auto branches = co_await units.ask([](const unit& of) {
        graph below;
        below.nodes.emplace_back();
        below.nodes[0].name = of.name();
        add_children(of, 0, below);
        return below;
    });
    for (const auto& [where, below] : branches.found)
        graft(below, where, out);
    out.silent = branches.silent;
    co_return out;
}

task<std::vector<unit_figures>> tree::statistics() const {
    std::vector<unit_figures> all;
    by_loop units;
    for (const auto& one : state_->nodes) {
        if (one->waits && !one->it)
            continue;
        unit_figures c;
        c.name = one->name();
        c.starts = one->starts;
        c.crashes = one->crashes;
        c.restarts = one->restarts;
        units.add(*one->home, all.size(), *one->it);
        all.push_back(std::move(c));
    }
    auto told = co_await units.ask([](const unit& of) { return of.statistics(); });
    for (unit_figures& one : all)
        one.answered = false;
    for (auto& [where, own] : told.found) {
        all[where].answered = true;
        all[where].own = std::move(own);
    }
    co_return all;
}

} // namespace aio::service
