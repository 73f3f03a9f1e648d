#pragma once

// The common case made cheap: an emit on the home loop of the bus whose listeners all live there.
// No lock, no reference count.

#include <aio/async/suspend.hpp>
#include <aio/signal/delivery.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::signal {

/// Who hears the names emitted lately. Home loop only.
class lately {
  public:
    /// nullptr: unknown, or the table has changed since. The list is good while it is pinned.
    const audience* find(std::string_view name, std::uint64_t version) const noexcept {
        const slot& one = slots_[place(name)];
        return one.version == version && one.name == name ? one.to.get() : nullptr;
    }

    void keep(std::string_view name, std::uint64_t version, std::shared_ptr<const audience> to);
    void unpin(const audience& one) noexcept;

  private:
    struct slot {
        std::string name;
        std::uint64_t version = 0;
        std::shared_ptr<const audience> to;
    };

    static std::size_t place(std::string_view name) noexcept {
        return name.empty() ? 0 : (name.size() * 7 + static_cast<unsigned char>(name.back())) % 16;
    }

    std::array<slot, 16> slots_;
    std::vector<std::shared_ptr<const audience>> retired_;
};

/// Keeps a list of `lately` good.
class pinned {
  public:
    pinned(lately& of, const audience& to) noexcept : of_(&of), to_(&to) { ++to_->pins; }

    pinned(pinned&& other) noexcept : of_(other.of_), to_(std::exchange(other.to_, nullptr)) {}

    pinned& operator=(pinned&&) = delete;

    ~pinned() {
        if (to_ && --to_->pins == 0 && to_->retired)
            of_->unpin(*to_);
    }

    const audience& operator*() const noexcept { return *to_; }

  private:
    lately* of_;
    const audience* to_;
};

class near_emission final : public delivery, public async::waiter {
  public:
    using delivery::delivery;

    bool aborted() const noexcept { return aborted_; }

  private:
    void completed() noexcept override { wake(); }

    // The listeners are cancelled and waited for all the same.
    bool withdraw() noexcept override {
        if (how() == boost::asio::cancellation_type::none)
            return false;
        aborted_ = true;
        cancel_listeners(how());
        return false;
    }

    bool aborted_ = false;
};

task<std::vector<std::any>> emit_near(pinned to, const bus::error_log& log, std::any data);

} // namespace aio::signal
