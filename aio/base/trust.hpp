#pragma once

// Decides whether the superuser may act on the content of a file: only if no other user can change
// or replace it.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace aio::base {

/// Owner, group and mode of a file, as stat() returns them.
struct ownership {
    uid_t owner = 0;
    gid_t group = 0;
    mode_t mode = 0;
};

/// Why a process of `user` must not act on such a file: "belongs to user 1000", "may be written by
/// group 100". Nothing: it may; always so for users other than root, and for devices like
/// /dev/null, which are everybody's.
AIO_API std::optional<std::string> distrust(uid_t user, const ownership& rights);

/// The same for this process, a file, and every folder and link on the way to the file from the
/// root of the file system, because a user who may write to one of these folders can replace the
/// file. In a sticky folder like /tmp only the owner of a file can. Names the first part that is
/// not trusted. Also nothing when the file does not exist or cannot be examined.
AIO_API std::optional<std::string> distrust(const std::filesystem::path& file);

} // namespace aio::base
