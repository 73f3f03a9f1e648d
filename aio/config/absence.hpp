#pragma once

// Whether a file that may be missing is missing: what is passed over in silence.

#include <aio/base/api.hpp>

#include <filesystem>

namespace aio::config {

/// Whether nothing has this name, as far as the process can see. A link whose target is missing is
/// not absent, and neither is a file below one, below a file that is no folder, or below a folder
/// that the process may not search: an attempt to open these gives the reason.
AIO_API bool is_absent(const std::filesystem::path& path);

/// Whether a file in one of the usual places is to be read: something has this name, or the path
/// leads through a link whose target is missing. A file in the place of a folder, and a folder that
/// the process may not search, such as the current one of another user, hold nothing.
AIO_API bool is_found(const std::filesystem::path& path);

} // namespace aio::config
