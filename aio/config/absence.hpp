#pragma once

// Whether a file that may be missing is missing: what is passed over in silence.

#include <aio/base/api.hpp>

#include <filesystem>

namespace aio::config {

/// Whether nothing has this name, as far as the process can see. A link whose target is missing is
/// not absent, and neither is a file below one, below a file that is no folder, or below a folder
/// that the process may not search: an attempt to open these gives the reason.
AIO_API bool is_absent(const std::filesystem::path& path);

/// What the process can tell of a name. `hidden`: a folder on the way may not be searched. Every
/// other reason why the name cannot be looked at counts as `there`: an attempt to open it gives
/// that reason. Nothing is below a file in the place of a folder or below a link without a target,
/// and nothing has a name that is too long.
enum class presence { absent, hidden, there };

AIO_API presence presence_of(const std::filesystem::path& path);

/// The same for a file in one of the usual places, which is also `there` when the path leads
/// through a link whose target is missing.
AIO_API presence usual_presence_of(const std::filesystem::path& path);

} // namespace aio::config
