#pragma once

// Whether a file that may be missing is missing: what is passed over in silence.

#include <aio/base/api.hpp>

#include <filesystem>

namespace aio::config {

/// Whether nothing has this name, as far as the process can see. A link whose target is missing is
/// not absent, and neither is a file below one, below a file that is no folder, or below a folder
/// that the process may not search: an attempt to open these gives the reason.
AIO_API bool is_absent(const std::filesystem::path& path);

/// Whether something has this name, or the process cannot know: a folder may not be searched, or
/// cannot be read. Nothing is below a file in the place of a folder or below a link without a
/// target, and nothing has a name that is too long.
AIO_API bool may_be_there(const std::filesystem::path& path);

/// Whether a file in one of the usual places is to be read: it may be there, or the path leads
/// through a link whose target is missing. An attempt to read it gives the reason.
AIO_API bool is_found(const std::filesystem::path& path);

} // namespace aio::config
