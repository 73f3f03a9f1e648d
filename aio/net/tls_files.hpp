#pragma once

// Whether the files of certificates and keys are still those that were read. Paths are resolved at
// each look, so a link that leads elsewhere counts as a change. Private to net/ and server/.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace aio::net {

/// What a path led to at one moment.
struct file_stamp {
    std::string path;
    bool exists = false;
    bool pipe = false; ///< neither a file nor a folder: what it held is gone, and it never changes
    ::dev_t device = 0;
    ::ino_t inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0; ///< of the last change
    std::int64_t size = 0;

    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

using file_stamps = std::vector<file_stamp>;

/// Looks at each path, and for a folder at what is in it. Blocks.
AIO_API file_stamps stamps_of(const std::vector<std::string>& paths);

/// Whether each of them can be read again.
AIO_API bool can_be_watched(const file_stamps& files) noexcept;

/// The first path that does not lead to the same file as before, or to one that was written since;
/// empty: none.
AIO_API std::string changed(const file_stamps& before, const file_stamps& now);

} // namespace aio::net
