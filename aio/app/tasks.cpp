// SIGUSR2: what every task awaits, owner by owner along the tree.

#include <aio/app/state.hpp>
#include <aio/async/ask.hpp>
#include <aio/async/hop.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace aio::app {
namespace {

struct survey {
    std::string loops;                                     ///< one per line
    bool silent = false;                                   ///< one of them does not answer
    std::map<std::string, std::vector<std::string>> tasks; ///< by owner
};

task<survey> ask_all(std::vector<async::loop*> loops) {
    const auto told = co_await async::ask(loops, service::tree::patience, [](async::loop& loop) {
        return loop.snapshot();
    });
    survey all;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        const std::string& name = loops[i]->name();
        if (!told[i]) {
            all.silent = true;
            all.loops += fmt::format("loop {}: does not answer, it is blocked\n", name);
            continue;
        }
        all.loops += fmt::format("loop {}: {} tasks\n", name, told[i]->size());
        for (const async::task_info& each : *told[i])
            all.tasks[each.owner].push_back(each.text());
    }
    co_return all;
}

void write(std::string& out, std::size_t depth, const std::string& text) {
    fmt::format_to(std::back_inserter(out), "{:{}}{}\n", "", 4 * depth, text);
}

/// All units and their children with their tasks, each below its parent.
class by_owner {
  public:
    by_owner(const service::graph& graph, survey& from) : graph_(graph), from_(from) {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            index_[graph.nodes[i].name] = i;
        below_.resize(graph.nodes.size());
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const std::size_t above = graph.nodes[i].above;
            if (above != service::graph_node::nobody)
                below_[above].push_back(i);
        }
    }

    std::string text() {
        std::string out = from_.loops;
        adopt_orphans();
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (graph_.nodes[i].above == service::graph_node::nobody)
                tell(i, 0, out);
        for (const auto& [owner, tasks] : from_.tasks)
            for (const std::string& text : tasks)
                write(out, 0, text);
        return out;
    }

  private:
    /// Tasks of children that are not known count as tasks of the unit.
    void adopt_orphans() {
        std::vector<std::string> owners;
        for (const auto& [owner, tasks] : from_.tasks)
            owners.push_back(owner);
        for (const std::string& owner : owners) {
            if (index_.contains(owner))
                continue;
            for (std::size_t index = owner.rfind('/'); index != owner.npos && index != 0;
                 index = owner.rfind('/', index - 1)) {
                const auto found = index_.find(owner.substr(0, index));
                if (found == index_.end())
                    continue;
                auto& all = from_.tasks[found->first];
                std::ranges::copy(from_.tasks[owner], std::back_inserter(all));
                from_.tasks.erase(owner);
                break;
            }
        }
    }

    void tell(std::size_t which, std::size_t depth, std::string& out) {
        const service::graph_node& one = graph_.nodes[which];
        std::string line = base::visible(one.name, base::layout::one_line);
        for (const std::string* more : {&one.state, &one.condition})
            if (!more->empty())
                line += ", " + base::visible(*more, base::layout::one_line);
        write(out, depth, line);
        if (const auto tasks = from_.tasks.extract(one.name))
            for (const std::string& each : tasks.mapped())
                write(out, depth + 1, each);
        for (const std::size_t each : below_[which])
            tell(each, depth + 1, out);
    }

    const service::graph& graph_;
    survey& from_;
    std::map<std::string, std::size_t> index_;
    std::vector<std::vector<std::size_t>> below_;
};

task<std::string> list(app::state& s) {
    const auto others = s.others.all(); // kept while they are asked
    std::vector<async::loop*> loops{s.main};
    for (const std::shared_ptr<async::loop>& other : others)
        loops.push_back(other.get());
    survey all = co_await ask_all(std::move(loops));
    service::graph drawn;
    if (s.tree && all.silent) // so that a silent loop is not waited for twice
        drawn = s.tree->draw_units();
    else if (s.tree)
        drawn = co_await s.tree->draw();
    co_return by_owner(drawn, all).text();
}

} // namespace

task<std::string> app::tasks() {
    const std::string text =
        co_await async::on(*state_->main, [s = state_.get()] { return list(*s); });
    co_return state_->logs.shown(text);
}

} // namespace aio::app
