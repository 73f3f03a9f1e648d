#pragma once

// `[aio] user` and `group`: who the process becomes once everything that needs privileges is open.

#include <aio/app/settings.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/identity.hpp>

#include <optional>

namespace aio::app {

using base::identity;

/// Looks the names (or numbers) up. Nothing when neither is set; unknown names go to `to`.
AIO_API std::optional<identity>
find_identity(const settings& of, const config::tree& from, base::diagnostics& to);

/// Supplementary groups, group, user, in this order, and checks that there is no way back.
/// Throws std::system_error.
AIO_API void become(const identity& who);

} // namespace aio::app
