#pragma once

// POSIX access lists for tests, without a library.

#include <sys/types.h>
#include <sys/xattr.h>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace aio::testing {

struct access_entry {
    std::uint16_t tag = 0; ///< 1 owner, 2 a user, 4 the group, 0x10 the mask, 0x20 all others
    std::uint16_t rights = 0;
    std::uint32_t id = 0xFFFFFFFF;
};

/// In the form in which the system stores it.
inline std::string access_list(std::initializer_list<access_entry> entries) {
    std::string made("\2\0\0\0", 4);
    for (const access_entry& entry : entries)
        for (const char byte :
             {char(entry.tag),
              char(entry.tag >> 8),
              char(entry.rights),
              char(entry.rights >> 8),
              char(entry.id),
              char(entry.id >> 8),
              char(entry.id >> 16),
              char(entry.id >> 24)})
            made += byte;
    return made;
}

/// The owner and user 1234 may read and write, the group has `group`, all others have `others`.
inline std::string list_for_user_1234(std::uint16_t group = 0, std::uint16_t others = 0) {
    return access_list({{1, 6}, {2, 6, 1234}, {4, group}, {0x10, 6}, {0x20, others}});
}

/// False where the file system has no access lists.
inline bool set_access_list(const std::string& path, const std::string& list, bool as_default) {
    const char* const name = as_default ? "system.posix_acl_default" : "system.posix_acl_access";
    return ::setxattr(path.c_str(), name, list.data(), list.size(), 0) == 0;
}

} // namespace aio::testing
