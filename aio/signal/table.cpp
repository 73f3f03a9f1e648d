#include <aio/base/text.hpp>
#include <aio/signal/backlog.hpp>
#include <aio/signal/table.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

namespace aio::signal {

namespace {

constexpr char fold(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_pattern(std::string_view name) noexcept {
    return name.find('*') != name.npos;
}

} // namespace

// FNV-1a.
std::size_t folded_hash::operator()(std::string_view name) const noexcept {
    std::uint64_t hash = 14695981039346656037u;
    for (char c : name)
        hash = (hash ^ static_cast<unsigned char>(fold(c))) * 1099511628211u;
    return hash;
}

bool folded_equal::operator()(std::string_view a, std::string_view b) const noexcept {
    return std::ranges::equal(a, b, {}, fold, fold);
}

bool matches(std::string_view pattern, std::string_view name) noexcept {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = pattern.npos;
    std::size_t mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = n;
        } else if (p < pattern.size() && fold(pattern[p]) == fold(name[n])) {
            ++p;
            ++n;
        } else if (star != pattern.npos) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string_view difference(const record& first, const record& second) noexcept {
    const listen_options& a = first.options;
    const listen_options& b = second.options;
    if (a.queue != b.queue || (a.queue > 0 && a.policy != b.policy))
        return "queue";
    if (a.label != b.label || a.other_labels != b.other_labels)
        return "label";
    if (first.loop != second.loop)
        return "loop";
    return a.once != b.once ? "once" : "";
}

const record* table::find_same(const record& like) const {
    if (!like.identity)
        return nullptr;
    for (auto at = functions_.lower_bound(&like); at != functions_.end(); ++at) {
        const record& other = **at;
        if (other.identity != like.identity || other.name != like.name || other.from != like.from)
            break;
        if (!other.spent)
            return &other;
    }
    return nullptr;
}

subscription table::add(std::shared_ptr<record> added) {
    added->id = ++last_;
    counts_.listener_added(added->name);
    if (added->identity)
        functions_.insert(added.get());
    by_id_.emplace(added->id, added);
    if (is_pattern(added->name)) {
        built_.clear();
        built_by_patterns_.clear();
        patterns_.emplace_hint(patterns_.end(), last_, std::move(added));
    } else {
        built_.erase(added->name);
        built_by_patterns_.erase(added->name);
        in_order& listeners = exact_[added->name];
        listeners.emplace_hint(listeners.end(), last_, std::move(added));
    }
    return last_;
}

table::records table::remove(std::string_view name, const void* identity) {
    if (!identity)
        return {};
    record first;
    first.name = base::lower_ascii(name);
    first.identity = identity;
    std::vector<subscription> found; // one for each sender
    for (auto at = functions_.lower_bound(&first); at != functions_.end(); ++at) {
        if ((*at)->identity != identity || (*at)->name != first.name)
            break;
        found.push_back((*at)->id);
    }
    records removed;
    for (const subscription id : found)
        std::ranges::move(remove(id), std::back_inserter(removed));
    return removed;
}

table::records table::remove(subscription id) {
    const auto found = by_id_.extract(id);
    if (!found)
        return {};
    const std::shared_ptr<record>& gone = found.mapped();
    gone->gone = true;
    functions_.erase(gone.get());
    if (is_pattern(gone->name)) {
        patterns_.erase(id);
        built_.clear();
        built_by_patterns_.clear();
    } else {
        const auto listeners = exact_.find(gone->name);
        listeners->second.erase(id);
        built_.erase(gone->name);
        if (listeners->second.empty())
            exact_.erase(listeners);
    }
    counts_.listener_removed(gone->name);
    return {gone};
}

table::records table::sweep(const audience& called) {
    records removed;
    for (const auto& each : called.records)
        if (each->spent)
            std::ranges::move(remove(each->id), std::back_inserter(removed));
    return removed;
}

// There may be any number of names that only patterns hear, also such that nobody hears: the kept
// ones are bounded, and all given up together when there are too many.
std::shared_ptr<const audience> table::find(std::string_view name) {
    if (const auto found = built_.find(name); found != built_.end())
        return found->second;
    if (const auto exact = exact_.find(name); exact != exact_.end())
        return built_.emplace(exact->first, build(name, &exact->second)).first->second;
    if (patterns_.empty())
        return nullptr;
    auto found = built_by_patterns_.find(name);
    if (found == built_by_patterns_.end()) {
        if (built_by_patterns_.size() == most_by_patterns)
            built_by_patterns_.clear();
        auto made = build(name, nullptr);
        found = built_by_patterns_
                    .emplace(std::string(name), made->seats.empty() ? nullptr : std::move(made))
                    .first;
    }
    return found->second;
}

std::shared_ptr<const audience> table::build(std::string_view name, const in_order* exact) {
    auto made = std::make_shared<audience>();
    made->name = base::lower_ascii(name);
    if (exact)
        for (const auto& [id, listens] : *exact)
            made->records.push_back(listens);
    for (const auto& [id, listens] : patterns_)
        if (matches(listens->name, name))
            made->records.push_back(listens);
    std::ranges::sort(made->records, {}, &record::id);
    made->strict = how_ == calls::never_once_removed;
    if (!made->records.empty())
        made->counts = counts_.of(exact ? made->name : made->records.front()->name);
    for (const auto& one : made->records) {
        const std::uint32_t place = one->callee->returns ? made->results++ : audience::nothing;
        made->seats.emplace_back(*one->callee, place);
        if (!made->seats.back().coroutine && made->first_coroutine + 1 == made->seats.size())
            ++made->first_coroutine;
        made->once |= one->options.once;
        made->queued |= one->queue && one->options.policy == queue_policy::wait;
        if (std::ranges::find(made->loops, one->loop) == made->loops.end())
            made->loops.push_back(one->loop);
    }
    return made;
}

std::vector<signal_statistics> table::statistics() const {
    std::map<std::string, signal_statistics> all;
    counts_.report(all);
    const auto add = [&](const in_order& listeners) {
        for (const auto& [id, listens] : listeners)
            if (listens->queue)
                all[listens->name].queues.push_back(listens->queue->statistics());
    };
    for (const auto& [name, listeners] : exact_)
        add(listeners);
    add(patterns_);
    std::vector<signal_statistics> sorted;
    for (auto& [name, one] : all)
        sorted.push_back(std::move(one));
    return sorted;
}

std::vector<std::string> table::names() const {
    std::vector<std::string> all;
    for (const auto& [name, listeners] : exact_)
        all.push_back(name);
    for (const auto& [id, listens] : patterns_)
        all.push_back(listens->name);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace aio::signal
