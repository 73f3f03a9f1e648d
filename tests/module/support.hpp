#pragma once

// A folder that goes with the test, and the folder of the fixtures.

#include <aio/base/diagnostic.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fixture {

namespace fs = std::filesystem;

inline const fs::path modules = fs::path(AIO_BINARY_DIR) / "tests" / "module_path";

struct folder {
    fs::path path;

    folder() {
        std::string name = (fs::temp_directory_path() / "aio-module-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error("no temporary folder");
        path = name;
    }

    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    ~folder() { fs::remove_all(path); }

    fs::path write(const fs::path& name, std::string_view content) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << content;
        return path / name;
    }
};

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
