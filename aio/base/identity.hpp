#pragma once

// Users and groups of the system by name or number.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace aio::base {

struct identity {
    std::string user_name; ///< empty: the system has no name for this user
    uid_t user = 0;
    gid_t group = 0;
    std::string home, shell;

    identity() = default;
};

/// The effective user and group of this process; the name stays empty.
AIO_API identity own_identity();

/// Nothing when there is no such user. A number needs no entry in the list of users, as in
/// containers: then its group has the same number, and its home is `/`. Not thread-safe.
AIO_API std::optional<identity> find_user(const std::string& name_or_number);
/// Nothing when there is no such group. A number needs no entry in the group database.
AIO_API std::optional<gid_t> find_group(const std::string& name_or_number);

/// All groups of a user, including the primary one. A user without a name has only that.
AIO_API std::vector<gid_t> groups_of(const identity& user);

} // namespace aio::base
