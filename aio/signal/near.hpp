#pragma once

// The fast path for the common case: an emit on the home loop of the bus, with all listeners on
// that loop. It takes no lock and no reference.

#include <aio/async/suspend.hpp>
#include <aio/signal/delivery.hpp>

#include <any>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace aio::signal {

/// The audiences of the names that were emitted lately. On the home loop only.
class lately {
  public:
    /// nullptr: unknown, or the table has changed. The audience is valid while it is pinned.
    const audience* find(std::string_view name, std::uint64_t version) const noexcept {
        const slot& found = slots_[place(name)];
        return found.version == version && same(found.name, name) ? found.listeners.get() : nullptr;
    }

    void
    keep(std::string_view name, std::uint64_t version, std::shared_ptr<const audience> listeners);
    /// Releases the lists of other versions, because some of them hold removed listeners.
    void forget_others(std::uint64_t version) noexcept;
    /// Adds the emits that were begun to the counters.
    void settle() const noexcept;

  private:
    struct alignas(64) slot {
        std::string name;
        std::uint64_t version = 0;
        std::shared_ptr<const audience> listeners;
    };

    // Most names have 8 to 16 letters: two loads, where memcmp is a call.
    static bool same(const std::string& a, std::string_view b) noexcept {
        const std::size_t size = b.size();
        if (a.size() != size)
            return false;
        if (size < 8 || size > 16)
            return std::memcmp(a.data(), b.data(), size) == 0;
        std::uint64_t words[4];
        std::memcpy(&words[0], a.data(), 8);
        std::memcpy(&words[1], b.data(), 8);
        std::memcpy(&words[2], a.data() + size - 8, 8);
        std::memcpy(&words[3], b.data() + size - 8, 8);
        return words[0] == words[1] && words[2] == words[3];
    }

    static std::size_t place(std::string_view name) noexcept {
        return name.empty() ? 0 : (name.size() * 7 + static_cast<unsigned char>(name.back())) % 16;
    }

    std::array<slot, 16> slots_;
};

/// Keeps an audience of `lately` valid.
class pinned {
  public:
    explicit pinned(const audience& listeners) noexcept : audience_(&listeners) {
        ++audience_->pins;
        ++audience_->begun;
    }

    pinned(pinned&& other) noexcept : audience_(std::exchange(other.audience_, nullptr)) {}

    pinned& operator=(pinned&&) = delete;

    ~pinned() {
        if (audience_ && --audience_->pins == 0 && audience_->kept)
            release();
    }

    const audience& operator*() const noexcept { return *audience_; }

  private:
    void release() const noexcept;

    const audience* audience_;
};

/// Data on its way into the frame of a coroutine: moved once, when it gets there.
class parcel {
  public:
    explicit parcel(std::any& from) noexcept : from_(&from) {}

    parcel(parcel&& other) noexcept : from_(&data), data(std::move(*other.from_)) {}

    parcel& operator=(parcel&&) = delete;

  private:
    std::any* from_;

  public:
    std::any data;
};

class near_emission final : public delivery {
  public:
    near_emission(const sending& parts, async::loop& home) : delivery(parts, home, all_are_meant) {}

    class wait;

  private:
    inline void completed() noexcept override;

    wait* waiting_ = nullptr;
};

/// Waits for the listeners that have suspended. It is made only when there are any: most emits do
/// without.
class near_emission::wait final : public async::waiter {
  public:
    explicit wait(near_emission& owner) noexcept : emission_(owner) { owner.waiting_ = this; }

    /// Whether the emit was cancelled meanwhile.
    bool aborted() const noexcept { return aborted_; }

  private:
    // The listeners are cancelled, and waited for.
    bool withdraw() noexcept override {
        if (how() == boost::asio::cancellation_type::none)
            return false;
        aborted_ = true;
        emission_.cancel_listeners(how());
        return false;
    }

    near_emission& emission_;
    bool aborted_ = false;
};

void near_emission::completed() noexcept {
    waiting_->wake();
}

} // namespace aio::signal
