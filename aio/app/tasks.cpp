// SIGUSR2: what every task awaits, owner by owner along the tree.

#include <aio/app/state.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/timeout.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace aio::app {
namespace {

using namespace std::chrono_literals;

struct survey {
    std::string loops;                                     ///< a line each
    std::map<std::string, std::vector<std::string>> tasks; ///< by owner
};

task<void> ask(async::loop& one, survey& to) {
    std::vector<async::task_info> tasks;
    try {
        tasks = co_await async::with_timeout(1s, async::on(one, [&one] { return one.snapshot(); }));
    } catch (const async::timeout_error&) {
        to.loops += fmt::format("loop {}: blocked, it does not answer\n", one.name());
        co_return;
    }
    to.loops += fmt::format("loop {}: {} tasks\n", one.name(), tasks.size());
    for (const async::task_info& each : tasks)
        to.tasks[each.owner].push_back(each.text());
}

void write(std::string& to, std::size_t depth, const std::string& text) {
    fmt::format_to(std::back_inserter(to), "{:{}}{}\n", "", 4 * depth, text);
}

/// Units with tasks, each under what it stands under.
class by_owner {
  public:
    by_owner(const service::graph& of, survey& from) : graph_(of), from_(from) {
        for (std::size_t i = 0; i < of.nodes.size(); ++i)
            index_[of.nodes[i].name] = i;
        below_.resize(of.nodes.size());
        told_.resize(of.nodes.size());
        for (std::size_t i = of.nodes.size(); i-- > 0;) {
            const std::size_t above = of.nodes[i].above;
            told_[i] = told_[i] || from_.tasks.contains(of.nodes[i].name);
            if (above == service::graph_node::nobody)
                continue;
            below_[above].insert(below_[above].begin(), i);
            told_[above] = told_[above] || told_[i];
        }
    }

    std::string text() {
        std::string out = from_.loops;
        adopt_orphans();
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (graph_.nodes[i].above == service::graph_node::nobody)
                tell(i, 0, out);
        for (const auto& [owner, tasks] : from_.tasks)
            for (const std::string& one : tasks)
                write(out, 0, one);
        return out;
    }

  private:
    /// Tasks of a unit's children are the unit's.
    void adopt_orphans() {
        std::vector<std::string> owners;
        for (const auto& [owner, tasks] : from_.tasks)
            owners.push_back(owner);
        for (const std::string& owner : owners) {
            if (index_.contains(owner))
                continue;
            for (std::size_t at = owner.rfind('/'); at != owner.npos && at != 0;
                 at = owner.rfind('/', at - 1)) {
                const auto found = index_.find(owner.substr(0, at));
                if (found == index_.end())
                    continue;
                auto& all = from_.tasks[found->first];
                std::ranges::copy(from_.tasks[owner], std::back_inserter(all));
                from_.tasks.erase(owner);
                for (std::size_t i = found->second; i != service::graph_node::nobody;
                     i = graph_.nodes[i].above)
                    told_[i] = true;
                break;
            }
        }
    }

    void tell(std::size_t which, std::size_t depth, std::string& out) {
        if (!told_[which])
            return;
        const service::graph_node& one = graph_.nodes[which];
        write(out, depth, one.name + (one.state.empty() ? "" : ", " + one.state));
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
    std::vector<bool> told_; ///< it, or somebody below it, has tasks
};

} // namespace

task<std::string> app::tasks() {
    survey all;
    co_await ask(*state_->main, all);
    for (const std::shared_ptr<async::loop>& other : state_->others.all())
        co_await ask(*other, all);
    const service::graph drawn = state_->tree ? state_->tree->draw_units() : service::graph();
    co_return by_owner(drawn, all).text();
}

} // namespace aio::app
