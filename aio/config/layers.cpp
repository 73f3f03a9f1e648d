#include <aio/config/layers.hpp>

namespace aio::config {

layers::layers() {
    merged_section defaults;
    defaults.name = default_section;
    defaults.hash = hash_of(default_section);
    section_index_.find_or_add(defaults.hash, 0, [](auto) { return false; });
    sections_.push_back(defaults);
}

void layers::add(std::shared_ptr<const document> top) {
    const document* from = documents_.emplace_back(std::move(top)).get();
    sections_.reserve(sections_.size() + from->sections.size());
    slots_.reserve(slots_.size() + from->entries.size());
    section_index_.reserve(sections_.capacity());
    option_index_.reserve(slots_.capacity());
    std::vector<std::uint32_t> merged(from->sections.size());
    for (std::uint32_t i = 0; i < merged.size(); ++i)
        merged[i] = add_section(from->sections[i], from, i);
    for (std::uint32_t i = 0; i < from->entries.size(); ++i)
        add_option(merged[from->entries[i].section], from, i);
}

std::uint32_t layers::add_section(const header& header, const document* from, std::uint32_t index) {
    std::string_view name = header.name;
    std::uint32_t hash = header.hash;
    if (const auto other = rename ? rename(header.name) : std::nullopt) {
        name = room_.keep(*other);
        hash = hash_of(name);
    }
    const auto fresh = static_cast<std::uint32_t>(sections_.size());
    const std::uint32_t found = section_index_.find_or_add(hash, fresh, [&](std::uint32_t i) {
        return sections_[i].name == name;
    });
    if (found == fresh)
        sections_.emplace_back().name = name;
    merged_section& section = sections_[found];
    if (!section.from && header.line != 0) {
        section.from = from;
        section.header = index;
        section.hash = hash;
    }
    return found;
}

void layers::add_option(std::uint32_t section, const document* from, std::uint32_t index) {
    const entry& item = from->entries[index];
    const auto fresh = static_cast<std::uint32_t>(slots_.size());
    const std::uint32_t found =
        option_index_.find_or_add(mix(section, item.hash), fresh, [&](std::uint32_t i) {
            return slots_[i].section == section && slots_[i].written().name == item.name;
        });
    if (found != fresh) {
        slot& old = slots_[found];
        replaced_.push_back({old.from, old.entry, old.below});
        old.below = static_cast<std::uint32_t>(replaced_.size() - 1);
        old.from = from;
        old.entry = index;
        return;
    }
    slots_.push_back({.from = from, .entry = index, .section = section});
    merged_section& merged = sections_[section];
    (merged.count == 0 ? merged.first : slots_[merged.last].next) = fresh;
    merged.last = fresh;
    ++merged.count;
}

std::uint32_t layers::find_section(std::string_view name) const noexcept {
    return section_index_.find(hash_of(name), [&](std::uint32_t i) {
        return sections_[i].name == name;
    });
}

std::uint32_t layers::find_own(std::uint32_t section, std::string_view folded) const noexcept {
    return option_index_.find(mix(section, hash_of(folded)), [&](std::uint32_t i) {
        return slots_[i].section == section && slots_[i].written().name == folded;
    });
}

std::uint32_t layers::find(std::uint32_t section, std::string_view folded) const noexcept {
    const std::uint32_t own = find_own(section, folded);
    return own != none || section == 0 ? own : find_own(0, folded);
}

} // namespace aio::config
