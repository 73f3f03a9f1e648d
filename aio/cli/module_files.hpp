#pragma once

// Writes the files of a new module, all of them or none.

#include <aio/cli/module_skeleton.hpp>

#include <filesystem>
#include <span>
#include <string>

namespace aio::cli {

/// Makes the folder and every missing folder above it, and writes the files into it. The folder may
/// be there already when it is empty. Returns what went wrong, with the path: "x/a.hpp cannot be
/// written: No space left on device". Empty: nothing. After a failure, everything that the call has
/// made is removed, so that the next call can succeed. Every file is made in the folder that was
/// opened, whatever becomes of its name meanwhile; as root, no link of another user is followed.
std::string write_module(const std::filesystem::path& folder, std::span<const skeleton_file> files);

} // namespace aio::cli
