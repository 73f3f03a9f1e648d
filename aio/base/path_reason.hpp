#pragma once

// Why a path cannot be used, in words.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <string>

namespace aio::base {

/// Whether the open folder was removed. Nothing can be made in it.
AIO_API bool is_removed(const descriptor& folder) noexcept;

/// The system's text for an error that a path gave, or "its folder has been removed": a process may
/// be left in a folder that is not there any more. A relative path starts at `directory`, and that
/// at the current folder.
AIO_API std::string
path_reason(int error, const std::string& path, const std::string& directory = {});

} // namespace aio::base
