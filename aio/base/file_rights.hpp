#pragma once

// Who may do what with a file. A file that replaces another one takes its rights over.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <string>

namespace aio::base {

struct file_rights {
    uid_t owner = 0;
    gid_t group = 0;
    mode_t mode = 0;         ///< without the kind of file
    std::string access_list; ///< the POSIX access list as the system stores it; empty: none
};

/// Of an open file. Throws system_failure.
AIO_API file_rights rights_of(int file);

/// Gives an open file these rights, as far as this process may. What cannot be given opens the file
/// to nobody else: the bits of another group are not given to the group that the file has, and the
/// mask of an access list that cannot be given is not given to the group. Until the call, the file
/// has to be closed to all but its owner. Returns 0, or the errno of what was not given.
AIO_API int give_rights(int file, const file_rights& rights);

/// Whether any user of the machine may read the file that the path leads to, by its mode and by
/// those of the folders above it. Only regular files count; no when it cannot be told.
AIO_API bool everybody_may_read(const std::string& path);

/// The name of the attribute that holds the access list.
inline constexpr const char* access_list_name = "system.posix_acl_access";

} // namespace aio::base
