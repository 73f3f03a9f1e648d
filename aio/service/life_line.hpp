#pragma once

// The beginning of every log line about the life of a service. Private to the code that logs such
// lines.

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace aio::service {

/// "[^-C1]: text" of a child of the root, whose depth is 1.
inline std::string life_line(std::size_t depth, std::string_view name, std::string_view text) {
    return fmt::format("[^{}{}]: {}", std::string(depth - 1, '-'), name, text);
}

} // namespace aio::service
