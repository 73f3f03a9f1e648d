// From what a path names to a descriptor to write to.

#include <aio/log/target_parts.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace aio::log {

namespace {

constexpr int most_attempts = 4;

/// Only what was inherited: a descriptor of aio's own is closed on exec, and none of the user's.
open_target open_own_descriptor(int number, const std::string& shown) {
    const int flags = ::fcntl(number, F_GETFL);
    const bool standard = number <= STDERR_FILENO;
    const bool own = !standard && flags >= 0 && (::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0;
    if (flags < 0 || own)
        refuse(shown, fmt::format("descriptor {} is not open", number));
    if ((flags & O_ACCMODE) == O_RDONLY)
        refuse(shown, fmt::format("descriptor {} is open for reading only", number));
    open_target made;
    made.kind = target_kind::descriptor;
    made.file.reset(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!made.file)
        refuse(shown, errno);
    return made;
}

open_target open_foreign_descriptor(const target& what, const std::string& shown) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    open_target made;
    made.kind = target_kind::descriptor;
    made.file.reset(::openat(what.folder.get(), what.name.c_str(), flags));
    if (!made.file)
        refuse(shown, errno);
    ::fcntl(made.file.get(), F_SETFL, ::fcntl(made.file.get(), F_GETFL) & ~O_NONBLOCK);
    return made;
}

/// What says more than the error's own text; empty: nothing does. Throws nobody_reads.
std::string why_not(const target& what, const std::string& shown, int error) {
    if (error == ELOOP)
        return "it has become a link";
    struct stat now{};
    if (error == ENOENT && ::fstat(what.folder.get(), &now) == 0 && now.st_nlink == 0)
        return "its folder has been removed";
    if (error != ENXIO ||
        ::fstatat(what.folder.get(), what.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        return {};
    switch (kind_of(now.st_mode)) {
    case target_kind::socket:
        return "it is a socket, which only a SysLog handler writes to";
    case target_kind::pipe:
        throw nobody_reads(fmt::format("cannot open '{}': it is a pipe that nobody reads", shown));
    default:
        return {};
    }
}

/// The last part is opened or made, whatever others do at the same time.
open_target open_name(const target& what, const std::string& shown, mode_t mode) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    open_target made;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        made.created = false;
        made.file.reset(::openat(what.folder.get(), what.name.c_str(), flags));
        if (made.file)
            return made;
        if (errno != ENOENT)
            break;
        made.created = true;
        made.file.reset(
            ::openat(what.folder.get(), what.name.c_str(), flags | O_CREAT | O_EXCL, mode)
        );
        if (made.file)
            return made;
        if (errno != EEXIST)
            break;
    }
    const int error = errno;
    const std::string why = why_not(what, shown, error);
    if (why.empty())
        refuse(shown, error);
    refuse(shown, why);
}

} // namespace

open_target open(const target& what, beginning how, const std::string& shown, mode_t mode) {
    if (what.kind == target_kind::descriptor)
        return what.number < 0 ? open_foreign_descriptor(what, shown)
                               : open_own_descriptor(what.number, shown);
    open_target made = open_name(what, shown, mode);
    struct stat now{};
    if (::fstat(made.file.get(), &now) != 0)
        refuse(shown, errno);
    made.kind = kind_of(now.st_mode);
    if (made.kind == target_kind::file && what.distrust && now.st_nlink > 1)
        refuse(
            shown,
            fmt::format(
                "the file has a second name, and its folder {}: root does not write to it",
                *what.distrust
            )
        );
    if (made.kind == target_kind::file && how == beginning::empty && !made.created &&
        ::ftruncate(made.file.get(), 0) != 0)
        refuse(shown, errno);
    ::fcntl(made.file.get(), F_SETFL, ::fcntl(made.file.get(), F_GETFL) & ~O_NONBLOCK);
    return made;
}

open_target open_log(const std::string& path, const std::string& directory) {
    return open(find_target(path, directory), beginning::keep, path);
}

} // namespace aio::log
