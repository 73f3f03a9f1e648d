#pragma once

// Where a path leads. This is the one place that walks along folders and links: each part is looked
// up below the open folder of the part before, so what was examined is what is used.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace aio::base {

struct way {
    descriptor folder; ///< the folder of the last part (O_PATH); none for an own descriptor
    std::string name;  ///< the last part, no link; "." when the path ends with a folder
    std::string path;  ///< absolute and without links, for messages; an own descriptor as given
    /// The path, or a link on it, names a descriptor of this process: "/dev/stdin", "/dev/fd/5".
    std::optional<int> own_descriptor;
    /// `name` is a link of /proc, which stands for a file of a process: only the system can follow
    /// it.
    bool process_link = false;

    bool exists = false;
    struct stat found{}; ///< what the last part names, when it exists

    int error = 0;       ///< why the walk ended before the last part, as errno has it
    std::string planted; ///< the link at which root's walk ended, and why root does not follow it

    /// Why root must not act on what is there: the first folder or link that others can change,
    /// with its reason: "/srv/bob belongs to user 1000". Nothing: nobody else can, or this process
    /// is not root's.
    std::optional<std::string> distrust;
    /// The same, and for a sticky folder like /tmp as well, in which others can add names.
    std::optional<std::string> others;
    /// Which name on the way a stranger may have put there: "'etc' belongs to user 1234, in a
    /// folder that everybody may write". What is in such a folder is trusted when it belongs to
    /// root or to the user of this process and, if the folder is sticky, nobody else may write it,
    /// except root's group and that of this process. Root itself goes by `distrust`, except where
    /// the owner has no number in its user namespace.
    std::optional<std::string> stranger;

    way() = default;

    /// Opens what is there, or makes it with `mode`; never through a link that was put there
    /// meanwhile. -1: errno says why.
    AIO_API int open(int flags, mode_t mode = 0) const noexcept;

    /// Why root must not write to the open file: it has a second name, which another user may have
    /// made to have root write there. Nothing: it may.
    AIO_API std::optional<std::string> second_name(const struct stat& file) const;

    /// `stranger`, and what it says of the file that is open now, which may be another one than the
    /// walk has seen.
    AIO_API std::optional<std::string> stranger_of(const struct stat& file) const;
};

enum class last_link { follow, keep };

/// Follows `path`. A relative one starts at `directory`, and that at the current folder. As root,
/// every folder above is examined, too, and no link is followed that another user may have made.
/// `stranger` is about what follows the first `named` bytes of `path`, which end with a whole part.
AIO_API way follow(
    const std::string& path,
    const std::string& directory = {},
    last_link last = last_link::follow,
    std::size_t named = 0
);

/// The number that a name of a descriptor of this process means: 1 for "/dev/stdout", 5 for
/// "/proc/self/fd/5".
AIO_API std::optional<int> descriptor_of(std::string_view path);

} // namespace aio::base
