#include <aio/base/hint_cache.hpp>
#include <aio/base/text.hpp>
#include <aio/service/order.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace aio::service {

namespace {

using index_of_name = std::map<std::string_view, std::size_t>;

// A depth-first walk without recursion: a chain of dependencies may be longer than a stack.
class walk {
  public:
    walk(std::span<const common_spec> units, const absentees& absent, base::diagnostics& problems)
        : units_(units), absent_(absent), to_(problems), state_(units.size()) {
        for (std::size_t i = 0; i < units.size(); ++i)
            by_name_.emplace(units[i].section, i);
    }

    std::vector<std::size_t> run() {
        for (std::size_t i = 0; i < units_.size(); ++i)
            from(i);
        return std::move(order_);
    }

  private:
    enum class progress { none, open, done };

    struct step {
        std::size_t service;
        std::size_t next = 0; // dependency
    };

    void from(std::size_t first) {
        if (state_[first] != progress::none)
            return;
        enter(first);
        while (!path_.empty()) {
            step& current = path_.back();
            const common_spec& spec = units_[current.service];
            if (current.next == spec.depends.size()) {
                state_[current.service] = progress::done;
                order_.push_back(current.service);
                path_.pop_back();
            } else {
                follow(spec, current.next++);
            }
        }
    }

    void enter(std::size_t service) {
        state_[service] = progress::open;
        path_.push_back({service});
    }

    void follow(const common_spec& spec, std::size_t which) {
        const auto found = by_name_.find(spec.depends[which]);
        if (found == by_name_.end())
            report_missing(spec, which);
        else if (state_[found->second] == progress::open)
            report_cycle(spec, which, found->second);
        else if (state_[found->second] == progress::none)
            enter(found->second);
    }

    static base::location place(const common_spec& spec, std::size_t which) {
        return which < spec.depends_where.size() ? spec.depends_where[which] : spec.where;
    }

    void report_missing(const common_spec& spec, std::size_t which) {
        const std::string& name = spec.depends[which];
        const auto found = absent_.find(name);
        if (found != absent_.end() && found->second == absence::broken)
            return;
        if (found != absent_.end()) {
            to_.error(
                place(spec, which),
                fmt::format("[{}] depends on '{}', which is not enabled", spec.section, name)
            );
            return;
        }
        if (name.starts_with("supervisor/")) {
            to_.error(
                place(spec, which),
                fmt::format("[{}] cannot depend on a supervisor: '{}'", spec.section, name),
                "name those it supervises, one per line"
            );
            return;
        }
        to_.error(
            place(spec, which),
            fmt::format("[{}] depends on unknown '{}'", spec.section, name),
            name.find(',') == name.npos ? near(name, spec) : "one per line, without commas"
        );
    }

    /// Another section with nearly this name.
    std::string near(const std::string& name, const common_spec& spec) {
        const std::string hint = hints_.get(name, [&] { return hint_for(name, others(spec)); });
        const bool itself = hint.find('\'' + spec.section + '\'') != hint.npos; // made for another
        return itself ? std::string() : hint;
    }

    std::vector<std::string> others(const common_spec& spec) const {
        std::vector<std::string> names;
        for (const common_spec& common : units_)
            if (&common != &spec)
                names.push_back(common.section);
        return names;
    }

    void report_cycle(const common_spec& spec, std::size_t which, std::size_t back_to) {
        std::string text;
        bool inside = false;
        for (const step& current : path_) {
            inside = inside || current.service == back_to;
            if (inside)
                text += units_[current.service].section + " -> ";
        }
        to_.error(
            place(spec, which),
            fmt::format("dependencies in a circle: {}{}", text, units_[back_to].section)
        );
    }

    std::span<const common_spec> units_;
    const absentees& absent_;
    base::diagnostics& to_;
    base::hint_cache hints_;
    index_of_name by_name_;
    std::vector<progress> state_;
    std::vector<step> path_;
    std::vector<std::size_t> order_;
};

} // namespace

std::vector<std::size_t>
order(std::span<const common_spec> units, const absentees& absent, base::diagnostics& problems) {
    return walk{units, absent, problems}.run();
}

std::string hint_for(const std::string& name, const std::vector<std::string>& known) {
    const auto found = std::ranges::find_if(known, [&](const std::string& text) {
        return text.ends_with('/' + name);
    });
    return found == known.end() ? base::did_you_mean(name, known)
                                : fmt::format("did you mean '{}'?", *found);
}

std::vector<std::size_t> order(std::span<const common_spec> units, base::diagnostics& problems) {
    return order(units, {}, problems);
}

} // namespace aio::service
