#include <aio/base/nowhere.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/log/target.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace aio::log {

namespace {

constexpr int most_attempts = 4;

[[noreturn]] void refuse(const std::string& shown, const std::string& why) {
    throw std::runtime_error(fmt::format("cannot open '{}': {}", shown, why));
}

[[noreturn]] void refuse(const std::string& shown, int error) {
    throw base::system_failure(error, fmt::format("cannot open '{}'", shown));
}

/// Only inherited descriptors count: those of aio itself are closed on exec, and are not for the
/// user. One that was closed when a command began leads nowhere, as it does for a server.
open_target open_own_descriptor(int number, const std::string& shown) {
    const int flags = ::fcntl(number, F_GETFL);
    const bool standard = number <= STDERR_FILENO;
    const bool own = !standard && flags >= 0 && (::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0;
    if (flags < 0 || own)
        refuse(shown, fmt::format("descriptor {} is not open", number));
    const bool refused = standard && base::is_refused_output(number);
    if (!refused && (flags & O_ACCMODE) == O_RDONLY)
        refuse(shown, fmt::format("descriptor {} is not open for writing", number));
    open_target made;
    made.kind = target_kind::descriptor;
    made.file = refused ? base::no_output()
                        : base::descriptor(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!made.file)
        refuse(shown, errno);
    if (has_no_reader(made.file.get()))
        throw nobody_reads(fmt::format("cannot write to '{}': nobody reads it", shown));
    return made;
}

/// A FIFO stays non-blocking: a reader that has stopped reading must not stop the app.
void let_block(int file) noexcept {
    struct stat now{};
    if (::fstat(file, &now) != 0 || !S_ISFIFO(now.st_mode))
        ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);
}

open_target open_foreign_descriptor(const target& what, const std::string& shown) {
    open_target made;
    made.kind = target_kind::descriptor;
    made.file.reset(what.way.open(O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK));
    if (!made.file)
        refuse(shown, errno);
    let_block(made.file.get());
    return made;
}

/// A text that says more than the error's own; empty: there is none. Throws nobody_reads.
std::string why_not(const target& what, const std::string& shown, int error) {
    if (error == ELOOP)
        return "it has become a link";
    struct stat now{};
    if (error == ENOENT && base::is_removed(what.way.folder))
        return "its folder has been removed";
    if (error != ENXIO ||
        ::fstatat(what.way.folder.get(), what.way.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        return {};
    switch (kind_of(now.st_mode)) {
    case target_kind::socket:
        return "it is a socket, which only a SysLog handler writes to";
    case target_kind::pipe:
        throw nobody_reads(fmt::format("cannot open '{}': it is a pipe that nobody reads", shown));
    case target_kind::device: // "/dev/tty" of a process without a terminal
        throw nobody_reads(fmt::format("cannot open '{}': {}", shown, base::system_reason(error)));
    default:
        return {};
    }
}

/// Opens or makes the last part, whatever other processes do at the same time.
open_target open_name(const target& what, const std::string& shown, mode_t mode) {
    constexpr int flags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK;
    open_target made;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        made.created = false;
        made.file.reset(what.way.open(flags));
        if (made.file)
            return made;
        if (errno != ENOENT)
            break;
        made.created = true;
        made.file.reset(what.way.open(flags | O_CREAT | O_EXCL, mode));
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

target_kind kind_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return target_kind::file;
    case S_IFIFO:
        return target_kind::pipe;
    case S_IFSOCK:
        return target_kind::socket;
    case S_IFDIR:
        return target_kind::folder;
    default:
        return target_kind::device;
    }
}

bool opened_anew(target_kind current, target_kind found) noexcept {
    using enum target_kind;
    return current == file || found == file || (found == pipe && current != pipe);
}

target find_target(const std::string& path, const std::string& directory) {
    base::way there = base::follow(path, directory);
    target result;
    if (there.own_descriptor) {
        result.kind = target_kind::descriptor;
    } else {
        if (!there.planted.empty())
            refuse(path, there.planted);
        if (path.ends_with('/') || there.name == ".")
            refuse(path, EISDIR);
        if (there.error != 0 && base::is_removed(there.folder))
            refuse(path, "its folder has been removed");
        if (there.error != 0)
            refuse(path, there.error);
        if (there.exists)
            result.kind = kind_of(there.found.st_mode);
        if (there.process_link && result.kind != target_kind::folder)
            result.kind = target_kind::descriptor;
    }
    result.way = std::move(there);
    return result;
}

open_target open(const target& what, beginning how, const std::string& shown, mode_t mode) {
    if (what.kind == target_kind::descriptor)
        return what.way.own_descriptor ? open_own_descriptor(*what.way.own_descriptor, shown)
                                       : open_foreign_descriptor(what, shown);
    open_target made = open_name(what, shown, mode);
    struct stat now{};
    if (::fstat(made.file.get(), &now) != 0)
        refuse(shown, errno);
    made.kind = kind_of(now.st_mode);
    if (const auto why = what.way.second_name(now))
        refuse(shown, *why);
    if (made.kind == target_kind::file && how == beginning::empty && !made.created &&
        ::ftruncate(made.file.get(), 0) != 0)
        refuse(shown, errno);
    let_block(made.file.get());
    return made;
}

bool may_pass(int error) noexcept {
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case EIO:
    case ESTALE:
        return true;
    default:
        return false;
    }
}

bool reader_is_gone(int error) noexcept {
    return error == EPIPE || error == EIO || error == ENXIO || error == ENODEV;
}

bool has_no_reader(int file) noexcept {
    pollfd asked{file, POLLOUT, 0};
    return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLERR | POLLHUP)) != 0;
}

bool ends_inside_line(const base::way& path, int file) noexcept {
    struct stat own{}, found{};
    if (::fstat(file, &own) != 0 || !S_ISREG(own.st_mode) || own.st_size == 0)
        return false;
    const base::descriptor reader(path.open(O_RDONLY | O_NOCTTY | O_NONBLOCK));
    char last = '\n';
    return reader && ::fstat(reader.get(), &found) == 0 && found.st_dev == own.st_dev &&
           found.st_ino == own.st_ino && ::pread(reader.get(), &last, 1, own.st_size - 1) == 1 &&
           last != '\n';
}

open_target open_log(const std::string& path, const std::string& directory) {
    return open(find_target(path, directory), beginning::keep, path);
}

} // namespace aio::log
