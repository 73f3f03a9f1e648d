#pragma once

// A hash table from a name to a number below 2^32: open addressing, no removal. The names stay
// where they are; the caller compares.

#include <bit>
#include <cstdint>
#include <vector>

namespace aio::config {

class name_index {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    void reserve(std::size_t count) {
        const std::size_t wanted = std::bit_ceil(count * 2 + 8);
        if (wanted > cells_.size())
            grow(wanted);
    }

    /// The number stored under this hash for which `same(number)` holds, else none.
    template <typename Same>
    std::uint32_t find(std::uint32_t hash, Same&& same) const {
        if (cells_.empty())
            return none;
        for (std::size_t index = hash & mask_;; index = (index + 1) & mask_) {
            if (cells_[index].number == none)
                return none;
            if (cells_[index].hash == hash && same(cells_[index].number))
                return cells_[index].number;
        }
    }

    /// The same; where there is none, `fresh` is stored and returned.
    template <typename Same>
    std::uint32_t find_or_add(std::uint32_t hash, std::uint32_t fresh, Same&& same) {
        if (const std::uint32_t found = find(hash, same); found != none)
            return found;
        if ((count_ + 1) * 2 > cells_.size())
            grow(std::bit_ceil(count_ * 4 + 16));
        put(hash, fresh);
        ++count_;
        return fresh;
    }

  private:
    struct cell {
        std::uint32_t hash = 0;
        std::uint32_t number = none;
    };

    void put(std::uint32_t hash, std::uint32_t number) {
        std::size_t index = hash & mask_;
        while (cells_[index].number != none)
            index = (index + 1) & mask_;
        cells_[index] = {hash, number};
    }

    void grow(std::size_t size) {
        std::vector<cell> old(size);
        old.swap(cells_);
        mask_ = size - 1;
        for (const cell& one : old)
            if (one.number != none)
                put(one.hash, one.number);
    }

    std::vector<cell> cells_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
};

/// The hash of a name inside a section.
inline std::uint32_t mix(std::uint32_t section, std::uint32_t name_hash) noexcept {
    return (name_hash ^ (section * 0x9E3779B1u)) * 0x85EBCA6Bu;
}

} // namespace aio::config
