#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/config/characters.hpp>
#include <aio/config/explain.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/tree.hpp>
#include <aio/config/tree_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

namespace aio::config {

namespace {

constexpr std::size_t many = 16; // from here on a sorted index beats looking at each name

// The column from which the line of a value holds a secret.
std::uint32_t secret_column(const document& parsed, const entry& option, std::size_t offset) {
    const std::string_view before = option.raw.substr(0, offset);
    return parsed.place_of(option, before.rfind('\n') + 1).column;
}

value make_value(tree_state& from, option_ref option) {
    const slot& found = from.over.at(option.slot);
    const entry& written = found.written();
    interpolated result = from.values.evaluate(option);
    value out;
    out.name = written.name;
    out.text = std::move(result.text);
    out.raw = written.raw;
    out.where = found.from->at(written.line, written.column);
    out.text_where = found.from->at(written.line, written.value_column);
    out.inherited = found.section != option.section;
    out.secret = result.secret;
    out.declared_secret = from.values.declared_secret(option);
    if (out.secret)
        out.where.secret_from = out.text_where.secret_from = secret_column(*found.from, written, 0);
    if (result.wrong) {
        out.good = false;
        const bool secret = result.secret || from.values.declared_secret(result.wrong->option);
        out.problem = std::make_shared<const base::diagnostic>(
            explain(from.over, *result.wrong, secret, from.hints)
        );
    }
    return out;
}

} // namespace

tree_state::tree_state(layers over_, surroundings outside)
    : over(std::move(over_)), values(over, std::move(outside)), count(over.sections().size()) {
    sections.reset(new section[count]);
    for (std::uint32_t i = 0; i < count; ++i) {
        sections[i].owner_ = this;
        sections[i].index_ = i;
        sections[i].name_ = over.sections()[i].name;
    }
}

void tree_state::fill(const section& section) {
    const std::scoped_lock lock{filling};
    if (section.filled_.load(std::memory_order_relaxed))
        return;
    section.values_.reserve(over.sections()[section.index_].count);
    over.for_each_option(section.index_, [&](std::uint32_t slot) {
        section.values_.push_back(make_value(*this, {section.index_, slot}));
    });
    if (section.values_.size() > many) {
        section.by_name_.resize(section.values_.size());
        std::iota(section.by_name_.begin(), section.by_name_.end(), 0u);
        std::sort(section.by_name_.begin(), section.by_name_.end(), [&](auto a, auto b) {
            return section.values_[a].name < section.values_[b].name;
        });
    }
    section.filled_.store(true, std::memory_order_release);
}

namespace {

/// Of a value that the environment is part of. What stands in the file was told with its place.
void warn_of_unseen(const slot& option, const interpolated& result, base::diagnostics& problems) {
    const entry& written = option.written();
    const std::size_t offset = find_unseen_in_value(result.text);
    if (result.secret || offset == std::string_view::npos ||
        written.raw.find("${env:") == std::string_view::npos ||
        find_unseen_in_value(written.raw) != std::string_view::npos)
        return;
    std::string shown;
    base::append_visible(shown, result.text, offset);
    const place where = option.from->place_of(written, 0);
    problems.warning(
        option.from->at(where.line, where.column),
        unseen_in_value_text(written.name),
        fmt::format("{} comes from the environment", shown)
    );
}

/// The chains of references that are too deep, each from the value that was asked for.
class deep_chains {
  public:
    /// Adds a chain. True when it and an earlier one are parts of one chain: the value asked for in
    /// one of them is in the other. Two chains that only end alike are two mistakes.
    bool continues(std::span<const option_ref> chain) {
        const auto key = [](const option_ref& option) {
            return std::pair(option.section, option.slot);
        };
        bool found = members_.contains(key(chain.front()));
        for (const option_ref& option : chain) {
            found |= asked_.contains(key(option));
            members_.insert(key(option));
        }
        asked_.insert(key(chain.front()));
        return found;
    }

  private:
    std::set<std::pair<std::uint32_t, std::uint32_t>> asked_, members_;
};

/// Where a mistake is shown, which is the place to mend it, and its kind.
std::tuple<std::uint32_t, std::size_t, failure_kind> identity(const failure& wrong) {
    if (wrong.kind == failure_kind::too_deep)
        return {wrong.steps.front().slot, wrong.asked_offset, wrong.kind};
    return {wrong.option.slot, wrong.offset, wrong.kind};
}

} // namespace

void tree_state::check(
    base::diagnostics& problems, const std::function<bool(std::string_view section)>& explained
) {
    const std::scoped_lock lock{filling};
    // A mistake in [DEFAULT], or in a value that others use, is reported once.
    std::set<std::tuple<std::uint32_t, std::size_t, failure_kind>> told;
    deep_chains deep;
    for (std::uint32_t i = 0; i < count; ++i) {
        over.for_each_option(i, [&](std::uint32_t slot) {
            if (over.at(slot).written().raw.find('$') == std::string_view::npos)
                return;
            const interpolated result = values.evaluate({i, slot});
            if (!result.wrong)
                return warn_of_unseen(over.at(slot), result, problems);
            const failure& wrong = *result.wrong;
            const auto missing = missing_section(over, wrong);
            if (missing && explained && explained(*missing))
                return;
            if (wrong.kind == failure_kind::too_deep && deep.continues(wrong.steps))
                return;
            if (!told.emplace(identity(wrong)).second)
                return;
            const bool secret = result.secret || values.declared_secret(wrong.option);
            problems.add(explain(over, wrong, secret, hints));
        });
    }
}

void tree_state::mask_learnt() {
    const std::scoped_lock lock{filling};
    if (learnt.empty())
        return;
    values.declare_secrets(std::exchange(learnt, {}));
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!sections[i].filled_.load(std::memory_order_acquire))
            continue;
        std::size_t offset = 0;
        over.for_each_option(i, [&](std::uint32_t slot) {
            value& known = sections[i].values_[offset++];
            value fresh = make_value(*this, {i, slot});
            if (known.secret || !fresh.secret)
                return;
            known.secret = true;
            known.declared_secret = fresh.declared_secret;
            known.where = std::move(fresh.where);
            known.text_where = std::move(fresh.text_where);
            known.problem = std::move(fresh.problem);
        });
    }
}

base::location section::where() const noexcept {
    const merged_section& merged = owner_->over.sections()[index_];
    if (!merged.from)
        return {};
    const header& written = merged.from->sections[merged.header];
    return merged.from->at(written.line, written.column);
}

std::span<const value> section::values() const {
    if (!filled_.load(std::memory_order_acquire))
        owner_->fill(*this);
    return values_;
}

const value* section::find(std::string_view option) const {
    std::string room;
    const std::string_view folded = fold(option, room);
    const std::span<const value> all = values();
    if (by_name_.empty()) {
        const auto found = std::find_if(all.begin(), all.end(), [&](const value& value) {
            return value.name == folded;
        });
        return found == all.end() ? nullptr : &*found;
    }
    const auto found = std::lower_bound(
        by_name_.begin(),
        by_name_.end(),
        folded,
        [&](std::uint32_t i, std::string_view name) { return all[i].name < name; }
    );
    return found == by_name_.end() || all[*found].name != folded ? nullptr : &all[*found];
}

std::string_view section::label() const noexcept {
    return std::string_view{name_}.substr(name_.find('/') + 1); // npos + 1 is 0
}

base::location section::line_of(const value& option, std::size_t index) const {
    const std::uint32_t found = owner_->over.find(index_, option.name);
    if (found == layers::none)
        return option.where;
    const slot& in = owner_->over.at(found);
    const entry& written = in.written();
    std::size_t offset = 0;
    for (; index > 0; --index) {
        const std::size_t end = written.raw.find('\n', offset);
        if (end == std::string_view::npos)
            return option.text_where;
        offset = end + 1;
    }
    const place where = in.from->place_of(written, offset);
    base::location out = in.from->at(where.line, where.column);
    if (option.secret)
        out.secret_from = secret_column(*in.from, written, offset);
    return out;
}

base::location section::place_of(const value& option, std::size_t offset) const {
    if (option.text != option.raw || offset > option.text.size())
        return option.text_where;
    const std::string_view before = std::string_view{option.text}.substr(0, offset);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    base::location where = line == 0 ? option.text_where : line_of(option, line);
    const std::size_t start = before.rfind('\n') + 1; // npos + 1 is 0
    if (where.column != 0)
        where.column += static_cast<std::uint32_t>(base::code_points(before.substr(start)));
    return where;
}

void section::learn_secret(std::string_view option) const {
    const std::scoped_lock lock{owner_->filling};
    owner_->learnt.emplace(name_, fold(option));
}

void section::learn_secret_text(std::string text) const {
    const std::scoped_lock lock{owner_->filling};
    owner_->secret_defaults.insert(std::move(text));
}

std::vector<overridden> section::replaced(const value& winner) const {
    std::vector<overridden> out;
    const std::uint32_t found = owner_->over.find(index_, winner.name);
    if (found == layers::none)
        return out;
    for (std::uint32_t i = owner_->over.at(found).below; i != layers::none;) {
        const replaced_value& one = owner_->over.replaced(i);
        const entry& written = one.from->entries[one.entry];
        overridden& old = out.emplace_back();
        old.where = one.from->at(written.line, written.column);
        old.where.secret_from = winner.secret ? written.value_column : 0;
        old.raw = written.raw;
        i = one.below;
    }
    return out;
}

tree::tree() : state_(std::make_shared<tree_state>(layers{}, surroundings{})) {}

tree::tree(std::shared_ptr<tree_state> state) : state_(std::move(state)) {}

const section* tree::find(std::string_view name) const noexcept {
    const std::uint32_t found = state_->over.find_section(name);
    return found == layers::none ? nullptr : &state_->sections[found];
}

const value* tree::find(std::string_view folder, std::string_view option) const {
    const section* found = find(folder);
    return found ? found->find(option) : nullptr;
}

std::span<const section> tree::sections() const noexcept {
    return state_->all().subspan(1);
}

const section& tree::defaults() const noexcept {
    return state_->sections[0];
}

std::vector<const section*> tree::of_kind(std::string_view kind) const {
    std::vector<const section*> out;
    for (const section& owner : sections()) {
        const std::string_view name = owner.name();
        if (name.size() > kind.size() + 1 && name.starts_with(kind) && name[kind.size()] == '/')
            out.push_back(&owner);
    }
    return out;
}

void tree::check(
    base::diagnostics& problems, const std::function<bool(std::string_view section)>& explained
) const {
    state_->check(problems, explained);
}

void tree::mask_learnt() {
    state_->mask_learnt();
}

std::span<const std::shared_ptr<const base::source>> tree::files() const noexcept {
    return state_->files;
}

std::vector<inserted_file> tree::inserted_files() const {
    const std::scoped_lock lock{state_->filling};
    std::vector<inserted_file> all;
    for (const auto& [path, index] : state_->values.inserted_files()) {
        const slot& found = state_->over.at(index);
        const entry& written = found.written();
        all.push_back(
            {path,
             std::string(state_->over.sections()[found.section].name),
             std::string(written.name),
             found.from->at(written.line, written.value_column)}
        );
    }
    return all;
}

std::vector<std::string> tree::secret_defaults() const {
    const std::scoped_lock lock{state_->filling};
    return {state_->secret_defaults.begin(), state_->secret_defaults.end()};
}

} // namespace aio::config
