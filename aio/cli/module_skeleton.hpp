#pragma once

// The files that `aio module new` writes: a module that builds, runs and has a test.

#include <string>
#include <string_view>
#include <vector>

namespace aio::cli {

struct skeleton_file {
    std::string path; ///< relative to the module's folder
    std::string text;
};

/// The name of the sample configuration that a module gets, without ".conf".
std::string_view module_sample(std::string_view name) noexcept;

/// `name` is a valid module name; `compiler` the command its CMake project uses by default.
std::vector<skeleton_file> module_skeleton(std::string_view name, std::string_view compiler);

} // namespace aio::cli
