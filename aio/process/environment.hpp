#pragma once

// The environment of a child: that of aio, what its section adds, and its number among several.

#include <aio/base/api.hpp>
#include <aio/base/identity.hpp>
#include <aio/base/units.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aio::process {

/// NAME=VALUE entries. Later ones replace earlier ones of the same name:
/// - `inherited`, which ends with nullptr (nullptr itself: nothing is inherited), without what a
///   service manager tells aio alone (NOTIFY_SOCKET, LISTEN_FDS, WATCHDOG_USEC and the like);
/// - HOME, USER, LOGNAME and SHELL of `as`, unless that is nullptr; a user without an entry in the
///   list of users has none of them. What belongs to the session of the user before is then left
///   out: MAIL, USERNAME, XDG_RUNTIME_DIR, XDG_SEAT, XDG_VTNR, XDG_SESSION_ID, _TYPE and _CLASS,
///   DBUS_SESSION_BUS_ADDRESS, SSH_AUTH_SOCK, SSH_AGENT_PID, XAUTHORITY; if they are
///   inside the HOME before, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME and
///   GNUPGHOME; if only another user may write that folder, TMPDIR, TMP, TEMP and TEMPDIR;
/// - `more`;
/// - AIO_PROCESS_INDEX (from 0) and AIO_PROCESS_COUNT.
AIO_API std::vector<std::string> child_environment(
    const char* const* inherited,
    const base::identity* as,
    const base::list& more,
    std::size_t index,
    std::size_t count
);

/// Sets HOME, USER, LOGNAME and SHELL of this process to those of `user`, or removes them when the
/// user has no entry in the list of users. Removes what belongs to the session of the user before,
/// as child_environment() does. An own_identity(), whose user does not change, keeps all. No other
/// thread may exist. Throws std::system_error.
AIO_API void take_variables_of(const base::identity& user);

/// The value of a name in such a list; nullptr when it is not there.
AIO_API const char*
value_of(const std::vector<std::string>& entries, std::string_view name) noexcept;

/// A relative path as seen from `directory`; as it is when that is empty.
AIO_API std::string path_in(const std::string& directory, std::string_view path);

/// The path of a program: the name itself when it has a slash, otherwise the first file of this
/// name in `path` (a PATH; nullptr: the system's standard one) that can be executed. Empty when
/// there is none. Relative names and entries start in `directory`; empty: the current one.
AIO_API std::string
find_program(std::string_view name, const char* path, const std::string& directory);

} // namespace aio::process
