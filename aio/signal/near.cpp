#include <aio/signal/near.hpp>

namespace aio::signal {

void lately::keep(
    std::string_view name, std::uint64_t version, std::shared_ptr<const audience> to
) {
    slot& one = slots_[place(name)];
    if (one.to)
        one.to->settle();
    if (one.to && one.to != to && one.to->pins > 0) {
        one.to->retired = true;
        retired_.push_back(one.to);
    }
    one.name = name;
    one.version = version;
    one.to = std::move(to);
}

void lately::forget_others(std::uint64_t version) noexcept {
    for (slot& one : slots_)
        if (one.to && one.version != version)
            keep(one.name, 0, nullptr);
}

void lately::settle() const noexcept {
    for (const slot& one : slots_)
        if (one.to)
            one.to->settle();
}

// The same audience may still be in a slot; then it only loses its second reference.
void lately::unpin(const audience& one) noexcept {
    one.retired = false;
    std::erase_if(retired_, [&](const auto& other) { return other.get() == &one; });
}

} // namespace aio::signal
