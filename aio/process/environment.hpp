#pragma once

// The environment of a child: ours, what its section adds, and which of several it is.

#include <aio/base/api.hpp>
#include <aio/base/identity.hpp>
#include <aio/base/units.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aio::process {

/// NAME=VALUE entries. `ours` ends with nullptr; nullptr itself: nothing of ours. What a service
/// manager told aio alone (NOTIFY_SOCKET, LISTEN_FDS, WATCHDOG_USEC and their kin) is left out.
/// Above ours stand HOME, USER, LOGNAME and SHELL of `as`, unless that is nullptr, above them
/// `more`, and AIO_PROCESS_INDEX (from 0) and AIO_PROCESS_COUNT above all.
AIO_API std::vector<std::string> child_environment(
    const char* const* ours,
    const base::identity* as,
    const base::list& more,
    std::size_t index,
    std::size_t count
);

/// The value of a name in such a list; nullptr when it is not there.
AIO_API const char* value_of(const std::vector<std::string>& in, std::string_view name) noexcept;

/// A relative path as seen from `directory`; as it is when that is empty.
AIO_API std::string path_in(const std::string& directory, std::string_view path);

/// Where a program is: itself when it has a slash, else the first in a PATH (nullptr: the
/// system's standard one) that can be executed; empty when there is none. `directory` is what
/// relative names and entries are relative to, empty: the current one.
AIO_API std::string
find_program(std::string_view name, const char* path, const std::string& directory);

} // namespace aio::process
