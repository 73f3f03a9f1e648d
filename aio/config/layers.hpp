#pragma once

// Documents merged in layers: for every option the assignment that wins and those it replaced.

#include <aio/base/api.hpp>
#include <aio/config/document.hpp>
#include <aio/config/name_index.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {

/// An option of the merged configuration.
struct slot {
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    const document* from = nullptr;
    std::uint32_t entry = 0; ///< in from->entries
    std::uint32_t section = 0;
    std::uint32_t next = none;  ///< the next own option of this section
    std::uint32_t below = none; ///< what it replaced, in layers::replaced

    const config::entry& written() const noexcept { return from->entries[entry]; }
};

/// A value that a later layer replaced.
struct replaced_value {
    const document* from = nullptr;
    std::uint32_t entry = 0;
    std::uint32_t below = slot::none;
};

struct merged_section {
    std::string_view name;
    const document* from = nullptr; ///< where it appeared first; nullptr: [DEFAULT] never written
    std::uint32_t header = 0;       ///< in from->sections
    std::uint32_t hash = 0;
    std::uint32_t first = slot::none, last = slot::none;
    std::uint32_t count = 0; ///< own options
};

class AIO_API layers {
  public:
    static constexpr std::uint32_t none = slot::none;

    layers();
    layers(layers&&) = default;
    layers& operator=(layers&&) = default;

    /// Maps the written name of a section to the name it is read as; nothing, or not set: the same.
    std::function<std::optional<std::string>(std::string_view)> rename;

    /// Puts a document above the others. Options are replaced whole; sections and options keep the
    /// place of their first appearance.
    void add(std::shared_ptr<const document> top);

    std::uint32_t find_section(std::string_view name) const noexcept;
    /// An option of the section itself; `folded` is its folded name.
    std::uint32_t find_own(std::uint32_t section, std::string_view folded) const noexcept;
    /// The same, or [DEFAULT]'s.
    std::uint32_t find(std::uint32_t section, std::string_view folded) const noexcept;

    /// [0] is [DEFAULT].
    std::span<const merged_section> sections() const noexcept { return sections_; }

    const slot& at(std::uint32_t index) const noexcept { return slots_[index]; }

    const replaced_value& replaced(std::uint32_t index) const noexcept { return replaced_[index]; }

    std::size_t option_count() const noexcept { return slots_.size(); }

    /// Calls `each(slot index)` for own options by first appearance, then for inherited ones.
    template <typename Each>
    void for_each_option(std::uint32_t section, Each&& each) const {
        for (std::uint32_t i = sections_[section].first; i != none; i = slots_[i].next)
            each(i);
        if (section == 0)
            return;
        for (std::uint32_t i = sections_[0].first; i != none; i = slots_[i].next)
            if (sections_[section].count == 0 ||
                find_own(section, slots_[i].written().name) == none)
                each(i);
    }

  private:
    std::uint32_t add_section(const header& header, const document* from, std::uint32_t index);
    void add_option(std::uint32_t section, const document* from, std::uint32_t index);

    std::vector<std::shared_ptr<const document>> documents_;
    std::vector<merged_section> sections_;
    std::vector<slot> slots_;
    std::vector<replaced_value> replaced_;
    name_index section_index_, option_index_;
    arena room_; // for renamed sections
};

} // namespace aio::config
