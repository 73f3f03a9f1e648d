#pragma once

// What helps the author of a path that names nothing.

#include <string_view>

namespace aio::base {

/// The hint for a path in a configuration; empty: there is none.
constexpr std::string_view path_hint(std::string_view path) noexcept {
    return path.starts_with('~') ? "no shell expands '~' here: write the whole path" : "";
}

} // namespace aio::base
