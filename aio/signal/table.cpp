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

/// nullptr: nobody has ever listened to it, or nobody does any more.
const table::records* table::listeners_of(const std::string& name) const {
    if (is_pattern(name))
        return &patterns_;
    const auto found = exact_.find(name);
    return found == exact_.end() ? nullptr : &found->second;
}

const record* table::find_same(const record& like) const {
    const records* const some = like.identity ? listeners_of(like.name) : nullptr;
    if (!some)
        return nullptr;
    const auto found = std::ranges::find_if(*some, [&](const auto& other) {
        return other->identity == like.identity && other->name == like.name &&
               other->from == like.from && !other->spent;
    });
    return found == some->end() ? nullptr : found->get();
}

subscription table::add(std::shared_ptr<record> added) {
    added->id = ++last_;
    counts_.listener_added(added->name);
    by_id_.emplace(added->id, added);
    if (is_pattern(added->name)) {
        built_.clear();
        patterns_.push_back(std::move(added));
    } else {
        built_.erase(added->name);
        exact_[added->name].push_back(std::move(added));
    }
    return last_;
}

table::records table::remove(std::string_view name, const void* identity) {
    const records* const some = identity ? listeners_of(std::string(name)) : nullptr;
    if (!some)
        return {};
    std::vector<subscription> found; // one for each sender
    for (const auto& other : *some)
        if (other->identity == identity && folded_equal{}(other->name, name))
            found.push_back(other->id);
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
    const auto is_it = [&](const auto& other) { return other->id == id; };
    if (is_pattern(gone->name)) {
        std::erase_if(patterns_, is_it);
        built_.clear();
    } else {
        const auto listeners = exact_.find(gone->name);
        std::erase_if(listeners->second, is_it);
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

// An audience of patterns only is not kept: there may be any number of such names.
std::shared_ptr<const audience> table::find(std::string_view name) {
    if (const auto found = built_.find(name); found != built_.end())
        return found->second;
    const auto exact = exact_.find(name);
    if (exact == exact_.end() && patterns_.empty())
        return nullptr;
    auto made = build(name, exact == exact_.end() ? nullptr : &exact->second);
    if (exact != exact_.end())
        built_.emplace(exact->first, made);
    return made->seats.empty() ? nullptr : made;
}

std::shared_ptr<const audience> table::build(std::string_view name, const records* exact) {
    auto made = std::make_shared<audience>();
    made->name = base::lower_ascii(name);
    if (exact)
        made->records = *exact;
    for (const auto& one : patterns_)
        if (matches(one->name, name))
            made->records.push_back(one);
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
    const auto add = [&](const records& some) {
        for (const auto& one : some)
            if (one->queue)
                all[one->name].queues.push_back(one->queue->statistics());
    };
    for (const auto& [name, some] : exact_)
        add(some);
    add(patterns_);
    std::vector<signal_statistics> sorted;
    for (auto& [name, one] : all)
        sorted.push_back(std::move(one));
    return sorted;
}

std::vector<std::string> table::names() const {
    std::vector<std::string> all;
    for (const auto& [name, some] : exact_)
        all.push_back(name);
    for (const auto& one : patterns_)
        all.push_back(one->name);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace aio::signal
