#include <aio/signal/near.hpp>

#include <utility>

namespace aio::signal {

void lately::keep(
    std::string_view name, std::uint64_t version, std::shared_ptr<const audience> listeners
) {
    slot& found = slots_[place(name)];
    if (found.listeners)
        found.listeners->settle();
    if (found.listeners && found.listeners != listeners && found.listeners->pins > 0)
        found.listeners->kept = found.listeners;
    found.name = name;
    found.version = version;
    found.listeners = std::move(listeners);
}

void lately::forget_others(std::uint64_t version) noexcept {
    for (slot& found : slots_)
        if (found.listeners && found.version != version)
            keep(found.name, 0, nullptr);
}

void lately::settle() const noexcept {
    for (const slot& found : slots_)
        if (found.listeners)
            found.listeners->settle();
}

// The same audience may still be in a slot; then it only loses its second reference.
void pinned::release() const noexcept {
    const auto gone = std::exchange(audience_->kept, nullptr);
}

} // namespace aio::signal
