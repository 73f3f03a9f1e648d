#pragma once

// The folder of the fixtures, and what looks at what was said about them.

#include <aio/base/diagnostic.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace fixture {

namespace fs = std::filesystem;

inline const fs::path modules = fs::path(AIO_BINARY_DIR) / "tests" / "module_path";

using folder = aio::testing::temporary_folder;

inline std::string read(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

/// The first message with its hint, "text | hint".
inline std::string first(const aio::base::diagnostics& of) {
    return of.empty() ? "" : of.begin()->text + " | " + of.begin()->hint;
}

inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace fixture
