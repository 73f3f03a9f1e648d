#pragma once

// Which options two configurations say differently. Private to config/.

#include <aio/config/tree.hpp>

#include <vector>

namespace aio::config {

/// One option; a nullptr where one of the two does not have it.
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

/// [DEFAULT] first, then the sections of `after`, then those that only `before` has; none without a
/// change. Inherited options count in [DEFAULT] alone.
std::vector<changed_section> difference(const tree& before, const tree& after);

} // namespace aio::config
