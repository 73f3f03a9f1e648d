#pragma once

// Visits the children below the units of a tree, each on its loop. Private to service/.

#include <aio/async/ask.hpp>
#include <aio/service/tree_state.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::service {

/// Objects to visit, each on its loop and with a place in a list. All loops are asked at the same
/// time.
template <typename T>
class by_loop {
  public:
    void add(async::loop& home, std::size_t place, T value) {
        asked_->lists[&home].emplace_back(place, std::move(value));
    }

    /// For a loop that may end: the reference keeps it while it is asked.
    void add(std::shared_ptr<async::loop> home, std::size_t place, T value) {
        add(*home, place, std::move(value));
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
            co_await async::ask(loops, tree::patience, [asked = asked_, f](async::loop& loop) {
                std::vector<std::pair<std::size_t, R>> here;
                for (const auto& [place, one] : asked->lists.at(&loop))
                    here.emplace_back(place, f(one));
                return here;
            });
        answers<R> out;
        for (std::size_t i = 0; i < loops.size(); ++i)
            if (told[i])
                std::ranges::move(*told[i], std::back_inserter(out.found));
            else
                out.silent.push_back(loops[i]->name());
        std::ranges::sort(out.found, {}, [](const auto& entry) { return entry.first; });
        co_return out;
    }

  private:
    struct asked {
        std::map<async::loop*, std::vector<std::pair<std::size_t, T>>> lists;
        std::vector<std::shared_ptr<async::loop>> kept;
    };

    std::shared_ptr<asked> asked_ = std::make_shared<asked>();
};

/// A unit on its loop, and how to find its children.
struct family {
    std::string of;
    std::function<const unit*()> itself;
    std::function<std::vector<const unit*>()> children;

    family(std::string of_, branch from)
        : of(std::move(of_)), itself(std::move(from.itself)), children(std::move(from.children)) {}

    explicit family(const unit& root)
        : of(root.name()), itself([&root] { return &root; }),
          children([&root] { return root.children(); }) {}
};

/// The rows of a unit and of all below it on the same loop; the unit is the first. `View` has the
/// type of a row (with `name` and `above`) and fills it in: see() from outside, look_at() on the
/// unit's loop.
template <typename View>
struct part {
    /// A row whose unit is on another loop.
    struct elsewhere {
        std::size_t at;
        branch from;
    };

    std::vector<typename View::row> rows;
    std::vector<elsewhere> rest;

    explicit part(const family& whose) {
        rows.emplace_back().name = whose.of;
        if (const unit* head = whose.itself())
            View::look_at(*head, rows.front());
        add(whose.children(), 0);
    }

  private:
    void add(const std::vector<const unit*>& all, std::size_t above) {
        const std::string prefix = rows[above].name + "/";
        for (const unit* part : all) {
            const std::size_t index = rows.size();
            auto apart = part->apart();
            typename View::row& row = rows.emplace_back();
            row.name = part->name().starts_with(prefix) ? part->name() : prefix + part->name();
            row.above = above;
            View::see(*part, apart.has_value(), row);
            if (apart) {
                rest.push_back({index, std::move(*apart)});
                continue;
            }
            View::look_at(*part, row);
            add(part->children(), index);
        }
    }
};

/// Adds rows for all units below the given families, whose places in `rows` are known.
/// View::answer() puts what was seen of a unit into its row. Returns the names of the loops that
/// did not answer.
/// Completes: when all loops have answered, or after tree::patience for each level of loops.
/// Loop: main.
/// Cancelled: no further loop is asked. Then operation_aborted.
template <typename View>
task<std::vector<std::string>>
look_below(by_loop<family> families, std::vector<typename View::row>& rows) {
    std::vector<std::string> silent;
    while (!families.empty()) {
        auto told = co_await families.ask([](const family& family) { return part<View>(family); });
        by_loop<family> next;
        for (auto& [where, below] : told.found) {
            const std::size_t first = rows.size();
            const auto place = [first, head = where](std::size_t i) {
                return i == 0 ? head : first + i - 1;
            };
            View::answer(std::move(below.rows.front()), rows[where]);
            for (std::size_t i = 1; i < below.rows.size(); ++i) {
                rows.push_back(std::move(below.rows[i]));
                rows.back().above = place(rows.back().above);
            }
            for (auto& one : below.rest) {
                const std::size_t index = place(one.at);
                auto loop = one.from.loop;
                next.add(std::move(loop), index, family(rows[index].name, std::move(one.from)));
            }
        }
        std::ranges::move(told.silent, std::back_inserter(silent));
        families = std::move(next);
    }
    co_return silent;
}

} // namespace aio::service
