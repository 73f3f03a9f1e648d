#pragma once

// `[aio] user` and `group`: the user that the process becomes once everything that needs privileges
// is open.

#include <aio/app/settings.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/identity.hpp>

#include <optional>

namespace aio::app {

using base::identity;

/// Looks up the names (or numbers). Nothing when neither is set; unknown names go to `problems`.
AIO_API std::optional<identity>
find_identity(const settings& process, const config::tree& tree, base::diagnostics& problems);

/// Takes the supplementary groups, the group and the user, in this order, and checks that there is
/// no way back. A process that leaves a core file at a crash still does so, as the new user. Throws
/// std::system_error: "cannot become user 5: " and why.
AIO_API void become(const identity& target);

} // namespace aio::app
