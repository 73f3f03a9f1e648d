// The tree as it is seen from outside: its graph and its figures.

#include <aio/async/ask.hpp>
#include <aio/base/demangle.hpp>
#include <aio/service/tree_state.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

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
        node.what = base::demangle(typeid(*one).name());
        node.restart = "with its parent";
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

/// Things to be looked at, each on its loop and with a place in a list: all loops at once.
template <typename T>
class by_loop {
  public:
    void add(async::loop& home, std::size_t place, T what) {
        asked_->lists[&home].emplace_back(place, std::move(what));
    }

    /// Of a loop that may go: it is kept for as long as it is asked.
    void add(std::shared_ptr<async::loop> home, std::size_t place, T what) {
        add(*home, place, std::move(what));
        asked_->kept.push_back(std::move(home));
    }

    bool empty() const noexcept { return asked_->lists.empty(); }

    template <typename R>
    struct answers {
        std::vector<std::pair<std::size_t, R>> found;
        std::vector<std::string> silent; ///< loops
    };

    template <typename F, typename R = std::invoke_result_t<const F&, const T&>>
    task<answers<R>> ask(F f) {
        std::vector<async::loop*> loops;
        for (const auto& [loop, list] : asked_->lists)
            loops.push_back(loop);
        auto told =
            co_await async::ask(loops, tree::patience, [asked = asked_, f](async::loop& at) {
                std::vector<std::pair<std::size_t, R>> here;
                for (const auto& [place, one] : asked->lists.at(&at))
                    here.emplace_back(place, f(one));
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
    struct asked {
        std::map<async::loop*, std::vector<std::pair<std::size_t, T>>> lists;
        std::vector<std::shared_ptr<async::loop>> kept;
    };

    std::shared_ptr<asked> asked_ = std::make_shared<asked>();
};

/// Whose children they are, and how to find them on their loop.
struct family {
    std::string of;
    std::function<std::vector<const unit*>()> children;

    family(std::string of_, std::function<std::vector<const unit*>()> children_)
        : of(std::move(of_)), children(std::move(children_)) {}
};

/// What stands below one node as far as its loop knows: that node is the first.
struct drawn_part {
    graph part;
    std::vector<grafted> elsewhere;

    drawn_part() = default;
};

drawn_part draw_below(const family& whose) {
    drawn_part out;
    out.part.nodes.emplace_back();
    out.part.nodes[0].name = whose.of;
    add_children(whose.children(), 0, out.part, out.elsewhere);
    return out;
}

/// It comes under node number `where`; what of it is on yet other loops is to be asked next.
void graft(drawn_part& below, std::size_t where, graph& to, by_loop<family>& next) {
    const std::size_t first = to.nodes.size();
    const auto place = [&](std::size_t i) { return i == 0 ? where : first + i - 1; };
    for (std::size_t i = 1; i < below.part.nodes.size(); ++i) {
        to.nodes.push_back(std::move(below.part.nodes[i]));
        to.nodes.back().above = place(to.nodes.back().above);
    }
    for (grafted& one : below.elsewhere) {
        const std::size_t at = place(one.above);
        next.add(one.from.at, at, family(to.nodes[at].name, std::move(one.from.children)));
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
    by_loop<family> units;
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
        const node* one = s->find(out.nodes[i].name);
        if (one && one->it && one->name() == out.nodes[i].name) // none that was replaced
            units.add(*one->home, i, family(one->name(), [it = one->it.get()] {
                return it->children();
            }));
    }
    while (!units.empty()) {
        auto told = co_await units.ask(draw_below);
        by_loop<family> next;
        for (auto& [where, below] : told.found)
            graft(below, where, out, next);
        std::ranges::copy(told.silent, std::back_inserter(out.silent));
        units = std::move(next);
    }
    co_return out;
}

task<std::vector<unit_figures>> tree::statistics() const {
    std::vector<unit_figures> all;
    by_loop<const unit*> units;
    for (const auto& one : state_->nodes) {
        if (one->waits && !one->it)
            continue;
        unit_figures c;
        c.name = one->name();
        c.starts = one->starts;
        c.crashes = one->crashes;
        c.restarts = one->restarts;
        units.add(*one->home, all.size(), one->it.get());
        all.push_back(std::move(c));
    }
    auto told = co_await units.ask([](const unit* of) { return of->statistics(); });
    for (unit_figures& one : all)
        one.answered = false;
    for (auto& [where, own] : told.found) {
        all[where].answered = true;
        all[where].own = std::move(own);
    }
    co_return all;
}

} // namespace aio::service
