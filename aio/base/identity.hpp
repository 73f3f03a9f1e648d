#pragma once

// Users and groups of the system by name or number.

#include <aio/base/api.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace aio::base {

struct identity {
    std::string user_name; ///< empty: nobody the system has a name for
    uid_t user = 0;
    gid_t group = 0;
    std::string home, shell;

    identity() = default;
};

/// Who this process is, without a name.
AIO_API identity own_identity();

/// Nothing when there is no such user. Not from two threads at once.
AIO_API std::optional<identity> find_user(const std::string& name_or_number);
/// A number need not have a name.
AIO_API std::optional<gid_t> find_group(const std::string& name_or_number);

/// The groups of a user, its own among them. Without a name: that one.
AIO_API std::vector<gid_t> groups_of(const identity& who);

} // namespace aio::base
