#pragma once

// Decides whether the superuser may act on the content of a file: only if no other user can change
// or replace it.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

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

/// Whether what is open is mounted read-only for this process, as kubelet mounts configurations, in
/// folders of mode 0777. Others may write to it where they see another mount of it.
AIO_API bool is_read_only(int file);

/// Whether the number stands for all users of the machine who have none in the user namespace of
/// this process, so that nothing is known about an owner of this number.
AIO_API bool is_of_outside(uid_t user);

/// Why a process of `user` must not act on such a file: "belongs to user 1000", "may be written by
/// group 100". Nothing: it may; always so for users other than root, and for devices like
/// /dev/null, which are everybody's.
AIO_API std::optional<std::string> distrust(uid_t user, const ownership& rights);

/// The same for this process and what is open (O_PATH will do). An access list counts, and one that
/// cannot be read is not trusted. In a sticky folder like /tmp only its owner replaces a file. What
/// is_read_only() is taken as written by its owner only: whoever has mounted it vouches for it.
AIO_API std::optional<std::string> distrust(const descriptor& file);

/// The same for a path: the file, and every folder and link on the way to it (base/way). A user who
/// may write to one of these folders can replace the file. Names the first that is not trusted:
/// "/srv/bob belongs to user 1000". What cannot be examined is not trusted. Nothing when the file
/// is not there.
AIO_API std::optional<std::string> distrust(const std::filesystem::path& file);

/// Whom else than root, this user and its main group the access list of what is open (O_PATH will
/// do) lets write: "may be written by user 1000 (an access list)". A list that cannot be read may
/// name anybody. Nothing: nobody.
AIO_API std::optional<std::string> named_writer(const descriptor& file);

/// What to do about a file that root does not act on.
inline constexpr const char* distrust_hint =
    "give it, and every folder above it, to root and let nobody else write them, or run aio as "
    "another user";

} // namespace aio::base
