#pragma once

// The random numbers of a simulation: the same from the same seed, on every machine.

#include <cstdint>

namespace aio::async {

/// Splitmix64. Usable with <random>.
class seeded {
  public:
    using result_type = std::uint64_t;

    explicit constexpr seeded(std::uint64_t seed) noexcept : state_(seed) {}

    static constexpr result_type min() noexcept { return 0; }

    static constexpr result_type max() noexcept { return ~result_type{0}; }

    static constexpr std::uint64_t mix(std::uint64_t number) noexcept {
        number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9ull;
        number = (number ^ (number >> 27)) * 0x94d049bb133111ebull;
        return number ^ (number >> 31);
    }

    constexpr result_type operator()() noexcept { return mix(state_ += 0x9e3779b97f4a7c15ull); }

    /// Below `limit`, which is not 0.
    constexpr std::uint64_t below(std::uint64_t limit) noexcept {
        return static_cast<std::uint64_t>(
            (static_cast<unsigned __int128>((*this)()) * limit) >> 64
        );
    }

  private:
    std::uint64_t state_;
};

} // namespace aio::async
