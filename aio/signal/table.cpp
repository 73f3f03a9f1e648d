#include <aio/base/text.hpp>
#include <aio/signal/backlog.hpp>
#include <aio/signal/table.hpp>

#include <algorithm>
#include <cstdint>
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

subscription table::add(std::shared_ptr<record> one) {
    const bool pattern = is_pattern(one->name);
    records& some = pattern ? patterns_ : exact_[one->name];
    if (one->identity)
        for (const auto& other : some)
            if (other->identity == one->identity && other->name == one->name &&
                other->from == one->from && !other->spent)
                return other->id;
    counted(one->name);
    one->id = ++last_;
    if (pattern)
        built_.clear();
    else
        built_.erase(one->name);
    some.push_back(std::move(one));
    return last_;
}

bool table::remove_from(records& some, subscription id) {
    const auto is = [&](const auto& one) { return one->id == id; };
    if (const auto found = std::ranges::find_if(some, is); found != some.end())
        (*found)->gone = true;
    return std::erase_if(some, is) > 0;
}

bool table::remove(std::string_view name, const void* identity) {
    if (!identity)
        return false;
    const records* some = &patterns_;
    if (!is_pattern(name)) {
        const auto found = exact_.find(name);
        if (found == exact_.end())
            return false;
        some = &found->second;
    }
    std::vector<subscription> found; // one for each sender
    for (const auto& one : *some)
        if (one->identity == identity && folded_equal{}(one->name, name))
            found.push_back(one->id);
    for (const subscription one : found)
        remove(one);
    return !found.empty();
}

bool table::remove(subscription id) {
    if (remove_from(patterns_, id)) {
        built_.clear();
        return true;
    }
    for (auto one = exact_.begin(); one != exact_.end(); ++one) {
        if (!remove_from(one->second, id))
            continue;
        built_.erase(one->first);
        if (one->second.empty())
            exact_.erase(one);
        return true;
    }
    return false;
}

void table::sweep(const audience& of) {
    for (const auto& one : of.records)
        if (one->spent)
            remove(one->id);
}

// What only patterns hear is not kept: there may be any number of such names.
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

std::shared_ptr<const audience> table::build(std::string_view name, const records* exact) const {
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
        made->counts = counted_.at(exact ? made->name : made->records.front()->name);
    for (const auto& one : made->records) {
        const std::uint32_t place = one->callee->returns ? made->results++ : audience::nothing;
        made->seats.emplace_back(*one->callee, place);
        if (!made->seats.back().coroutine && made->first_coroutine + 1 == made->seats.size())
            ++made->first_coroutine;
        made->once |= one->options.once;
        if (std::ranges::find(made->loops, one->loop) == made->loops.end())
            made->loops.push_back(one->loop);
    }
    made->single = made->seats.size() == 1 && made->seats.front().coroutine;
    return made;
}

const std::shared_ptr<counters>& table::counted(const std::string& name) {
    auto& one = counted_[name];
    if (!one)
        one = std::make_shared<counters>();
    return one;
}

std::vector<signal_statistics> table::statistics() const {
    std::map<std::string, signal_statistics> all;
    const auto read = [](const auto& from) { return from.load(std::memory_order_relaxed); };
    for (const auto& [name, from] : counted_) {
        signal_statistics& to = all[name];
        to.name = name;
        to.emits = from->near_emits + read(from->emits);
        to.deliveries = from->near_deliveries + read(from->deliveries);
        to.errors = read(from->errors);
        to.drops = read(from->drops);
    }
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
