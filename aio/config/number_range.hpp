#pragma once

// A range of whole numbers, both ends included.

#include <cstdint>

namespace aio::config {

struct number_range {
    std::int64_t least = 0;
    std::int64_t most = 0;

    constexpr number_range(std::int64_t least_, std::int64_t most_) : least(least_), most(most_) {}
};

} // namespace aio::config
