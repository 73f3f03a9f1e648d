#pragma once

// The options in which two configurations differ. Private to config/.

#include <aio/config/tree.hpp>

#include <vector>

namespace aio::config {

/// A changed option. A pointer is null when that configuration does not have the option.
struct change {
    const value* before = nullptr;
    const value* after = nullptr;
};

struct changed_section {
    const section* before = nullptr;
    const section* after = nullptr;
    std::vector<change> options;

    const std::string& name() const noexcept { return (after ? after : before)->name(); }
};

/// [DEFAULT] first, then the sections of `after`, then those that only `before` has. Sections
/// without a change are left out. Inherited options count in [DEFAULT] only.
std::vector<changed_section> difference(const tree& before, const tree& after);

} // namespace aio::config
