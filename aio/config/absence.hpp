#pragma once

// Whether a file that may be missing is missing. Optional files and patterns are passed over in
// silence only then.

#include <aio/base/api.hpp>

#include <filesystem>

namespace aio::config {

/// Whether nothing has this name, as far as the process can see. A link whose target is missing is
/// not absent, and neither is a file below one, below a file that is no folder, or below a folder
/// that the process may not search: an attempt to open these gives the reason.
AIO_API bool is_absent(const std::filesystem::path& path);

} // namespace aio::config
