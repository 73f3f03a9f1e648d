#pragma once

// Whether a file or folder was put where it is by another user. Private to base/.

#include <aio/base/descriptor.hpp>

#include <sys/stat.h>

#include <optional>
#include <string>

namespace aio::base {

/// Why the name in the open folder counts as a stranger's; nothing: it is trusted, and so are all
/// names in folders that not everybody may write. `entry`: what the name is, as lstat() tells.
/// The mode of a file counts in sticky folders: file systems without users of their own (vfat,
/// mounts of another machine) have none of these, and show every file as open to everybody.
std::optional<std::string>
stranger_in(const descriptor& folder, const std::string& name, const struct stat& entry);

} // namespace aio::base
