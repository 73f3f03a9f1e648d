#pragma once

// Latencies in buckets of 3 % width: constant memory, one increment per sample.

#include "clock.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

class histogram {
  public:
    void add(nanoseconds time) {
        ++counts_[bucket(time)];
        ++total_;
    }

    void clear() { *this = {}; }

    /// The time that `part` (0 to 1) of the samples did not exceed, in microseconds.
    double percentile_us(double part) const {
        auto left = static_cast<std::int64_t>(part * static_cast<double>(total_));
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            left -= counts_[i];
            if (left < 0) {
                return static_cast<double>(lower_bound(i)) / 1e3;
            }
        }
        return 0;
    }

  private:
    static constexpr int fine = 5; // 32 steps to a power of two

    static std::size_t bucket(nanoseconds time) {
        const auto value = static_cast<std::uint64_t>(time < 1 << fine ? 1 << fine : time);
        const int power = std::bit_width(value) - 1 - fine;
        return (static_cast<std::size_t>(power) << fine) + (value >> power) - (1U << fine);
    }

    static std::uint64_t lower_bound(std::size_t index) {
        const auto power = index >> fine;
        return ((index & ((1U << fine) - 1)) + (1U << fine)) << power;
    }

    std::array<std::int64_t, (64 - fine) << fine> counts_{};
    std::int64_t total_ = 0;
};

} // namespace bench
