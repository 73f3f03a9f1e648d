#pragma once

// What the path of a log names: a regular file, an open descriptor, a pipe, a device.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/way.hpp>

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aio::log {

enum class target_kind {
    missing, ///< does not exist: a regular file is made there
    file,
    descriptor, ///< /dev/stdout, /dev/fd/N, /proc/self/fd/N: a descriptor that is already open
    pipe,
    device,
    socket,
    folder,
};

AIO_API target_kind kind_of(mode_t mode) noexcept;

/// Whether a log that is open as `current` is opened anew when its path leads to `found`. A pipe, a
/// device or a descriptor is kept, because nobody moves it away; a file that takes its place
/// counts.
AIO_API bool opened_anew(target_kind current, target_kind found) noexcept;

/// What a path leads to once all links are followed.
struct target {
    target_kind kind = target_kind::missing;
    base::way way; ///< to it

    target() = default;
};

/// Follows `path`, which starts at `directory` when it is relative ("": the current one).
/// As root it follows no link that another user may have made. Throws std::runtime_error with a
/// text such as "cannot open 'x.log': No such file or directory".
AIO_API target find_target(const std::string& path, const std::string& directory);

using base::descriptor_of;

enum class beginning { keep, empty };

struct open_target {
    base::descriptor file; ///< for appending
    target_kind kind = target_kind::file;
    bool created = false; ///< by this call
};

/// Thrown for a pipe without a reader, a device that is not connected, and a descriptor of either.
/// A later attempt may succeed.
struct AIO_API nobody_reads : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Whether an open that failed with this errno may succeed later without a change of the
/// configuration: the file system, the process or the machine has no room, or the device fails.
AIO_API bool may_pass(int error) noexcept;

/// Whether a write that failed with this errno has no reader any more: the pipe was closed, the
/// terminal was hung up, or the device was removed.
AIO_API bool reader_is_gone(int error) noexcept;

/// Whether the pipe or the terminal behind an open descriptor was closed at its other end.
AIO_API bool has_no_reader(int file) noexcept;

/// Opens or makes the file, without waiting. Messages call it `shown`. A new file gets `mode` less
/// the umask, and is never writable for all users. Throws nobody_reads; std::runtime_error as
/// above, also for a socket, and for a file in another user's folder that has a second name.
AIO_API open_target
open(const target& what, beginning how, const std::string& shown, mode_t mode = 0664);

/// Whether the regular file `path`, which is open as `file`, ends without a newline. False when it
/// cannot be read.
AIO_API bool ends_inside_line(const base::way& path, int file) noexcept;

/// Finds and opens a path, for appending.
AIO_API open_target open_log(const std::string& path, const std::string& directory = {});

} // namespace aio::log
