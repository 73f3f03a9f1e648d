#pragma once

// What is sent: a pattern that repeats with every message, so that any piece of the echoed stream
// can be compared by its position alone.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace bench {

inline std::vector<char> message(std::size_t size) {
    std::vector<char> made(size);
    for (std::size_t i = 0; i < size; ++i) {
        made[i] = static_cast<char>(i * 31 + (i >> 8));
    }
    return made;
}

/// True if `got`, found at byte `position` of a stream of such messages, is what was sent.
inline bool matches(std::span<const char> got, std::size_t position, std::span<const char> sent) {
    while (!got.empty()) {
        const std::size_t begin = position % sent.size();
        const std::size_t size = std::min(got.size(), sent.size() - begin);
        if (std::memcmp(got.data(), sent.data() + begin, size) != 0) {
            return false;
        }
        got = got.subspan(size);
        position += size;
    }
    return true;
}

} // namespace bench
