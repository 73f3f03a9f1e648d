#pragma once

// Why the system does not let a process take or give away the identity of a user: as `[aio] user`
// and `[process/*] user` do.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <optional>
#include <string>

namespace aio::base {

/// The steps of a change of user, each of which needs a right of its own.
enum class user_step { take_groups, take_group, take_user, give_file };

/// What the system refused, after "cannot": "take the groups of user 65534".
AIO_API std::string describe(user_step step, uid_t user, gid_t group);

/// The reason of the errno `error`: a number that the user namespace of this process does not have,
/// groups that it must not set, or a capability that this process lacks. Otherwise it is
/// system_reason().
AIO_API std::string reason_refused(user_step step, uid_t user, gid_t group, int error);

/// Whether the user namespace of this process has the number. Nothing when /proc does not tell.
AIO_API std::optional<bool> namespace_has_user(uid_t number);
AIO_API std::optional<bool> namespace_has_group(gid_t number);

} // namespace aio::base
