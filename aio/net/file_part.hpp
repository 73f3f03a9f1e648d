#pragma once

#include <cstddef>
#include <cstdint>

namespace aio::net {

/// What is left to send of a file.
struct file_part {
    int file;
    std::uint64_t offset;
    std::uint64_t size;

    bool empty() const noexcept { return size == 0; }

    const file_part& rest() const noexcept { return *this; }

    /// At most what is left.
    void remove_prefix(std::size_t count) noexcept {
        offset += count;
        size -= count;
    }
};

} // namespace aio::net
