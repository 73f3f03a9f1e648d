#include <aio/service/directory.hpp>

#include <utility>

namespace aio::service {

void directory::add(std::string section, std::any offer) {
    const std::lock_guard lock(guard_);
    offers_.insert_or_assign(std::move(section), std::move(offer));
}

void directory::remove(std::string_view section) noexcept {
    const std::lock_guard lock(guard_);
    if (const auto found = offers_.find(section); found != offers_.end())
        offers_.erase(found);
}

std::any directory::look(std::string_view section) const {
    const std::lock_guard lock(guard_);
    const auto found = offers_.find(section);
    return found == offers_.end() ? std::any() : found->second;
}

} // namespace aio::service
