#pragma once

// Formats of programs that the administrator has registered with the system (binfmt_misc):
// programs for another processor that run by qemu, for Windows, for Java.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::process {

constexpr const char* registered_formats = "/proc/sys/fs/binfmt_misc";

/// Whether the text of an entry below /proc/sys/fs/binfmt_misc takes a file of this path that
/// begins with these bytes.
AIO_API bool takes(std::string_view entry, std::string_view path, std::string_view head);

/// Whether a registered format takes the file. False, too, where the folder is not mounted, as in
/// most containers, which have the formats of their host nevertheless.
AIO_API bool is_registered(
    std::string_view path, std::string_view head, const std::string& folder = registered_formats
);

} // namespace aio::process
