#include <aio/base/text.hpp>
#include <aio/net/certificate_choice.hpp>

#include <algorithm>
#include <map>

namespace aio::net {

namespace {

std::string folded(std::string_view name) {
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return base::lower_ascii(name);
}

} // namespace

certificate_choice::certificate_choice(const std::vector<shown_certificate>& all)
    : count_(all.size()) {
    std::map<std::string, group> named;
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const std::string& name : all[i].names) {
            group& members = named[folded(name)];
            const bool has_kind = std::ranges::any_of(members, [&](std::size_t member) {
                return all[member].key_kind == all[i].key_kind;
            });
            if (!has_kind)
                members.push_back(i);
        }
    if (all.empty())
        return;
    // Names of the first certificate find it, as it comes before all others.
    const std::vector<std::string>& first = all.front().names;
    groups_.push_back(first.empty() ? group{0} : named.at(folded(first.front())));
    for (const auto& [name, members] : named)
        by_name_[name] = place_of(members);
}

std::size_t certificate_choice::place_of(const group& wanted) {
    const auto found = std::ranges::find(groups_, wanted);
    if (found != groups_.end())
        return static_cast<std::size_t>(found - groups_.begin());
    groups_.push_back(wanted);
    return groups_.size() - 1;
}

std::optional<std::size_t> certificate_choice::find(std::string_view name) const {
    const std::string wanted = folded(name);
    if (wanted.empty() || wanted.front() == '*' || wanted.front() == '.') // no host has such a name
        return std::nullopt;
    auto found = by_name_.find(wanted);
    if (const std::size_t dot = wanted.find('.'); found == by_name_.end() && dot != wanted.npos)
        found = by_name_.find("*" + wanted.substr(dot));
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> certificate_choice::unused() const {
    std::vector<bool> used(count_);
    for (const group& members : groups_)
        for (const std::size_t member : members)
            used[member] = true;
    std::vector<std::size_t> never;
    for (std::size_t i = 0; i < count_; ++i)
        if (!used[i])
            never.push_back(i);
    return never;
}

} // namespace aio::net
