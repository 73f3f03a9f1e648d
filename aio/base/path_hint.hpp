#pragma once

// What helps the author of a path that names nothing.

#include <string_view>

namespace aio::base {

/// The hint for a path in a configuration; empty: there is none.
constexpr std::string_view path_hint(std::string_view path) noexcept {
    return path.starts_with('~') ? "no shell expands '~' here: write the whole path" : "";
}

/// The first name of a path, which is that of a folder.
constexpr std::string_view first_folder(std::string_view path) noexcept {
    return path.substr(0, path.find('/'));
}

} // namespace aio::base
