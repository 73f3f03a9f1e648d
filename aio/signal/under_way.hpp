#pragma once

// Counts the posted emits that have not completed yet. Private to signal/.

#include <aio/async/event.hpp>
#include <aio/async/task.hpp>

#include <array>
#include <atomic>
#include <cstddef>

namespace aio::signal {

/// Counts in two rounds that alternate, so that the emits of one round can end while others begin.
class under_way {
  public:
    /// A round to end it in.
    enum class round : std::size_t {};

    /// From any thread.
    round begin() noexcept {
        const std::size_t now = now_;
        ++counts_[now];
        return round{now};
    }

    /// On the home loop.
    void end(round round) noexcept {
        if (--counts_[static_cast<std::size_t>(round)] == 0)
            one_over_.set();
    }

    std::size_t size() const noexcept { return counts_[0] + counts_[1]; }

    /// Completes: when no emit is under way.
    /// Loop: home.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> none() {
        while (size() > 0)
            co_await next_end();
    }

    /// As none(), for the emits of the moment of the call; later ones are not waited for.
    task<void> those_of_now() {
        for (std::size_t turn = 0; turn < counts_.size(); ++turn) {
            const std::size_t before = now_.fetch_xor(1);
            while (counts_[before] > 0)
                co_await next_end();
        }
    }

  private:
    task<void> next_end() {
        one_over_.reset();
        return one_over_.wait("signals that were posted");
    }

    std::atomic<std::size_t> now_{0};
    std::array<std::atomic<std::size_t>, 2> counts_{};
    async::event one_over_;
};

} // namespace aio::signal
