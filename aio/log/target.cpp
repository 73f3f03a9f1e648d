#include <aio/base/trust.hpp>
#include <aio/log/target.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

constexpr int most_links = 40; // as the kernel
constexpr int most_attempts = 4;

[[noreturn]] void refuse(const std::string& shown, const std::string& why) {
    throw std::runtime_error(fmt::format("cannot open '{}': {}", shown, why));
}

[[noreturn]] void refuse(const std::string& shown, int error) {
    throw std::system_error(error, std::generic_category(), fmt::format("cannot open '{}'", shown));
}

std::optional<int> number_of(std::string_view text) {
    int number = -1;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = wrong == std::errc{} && end == text.data() + text.size() && number >= 0;
    return whole ? std::optional(number) : std::nullopt;
}

target_kind kind_of(mode_t mode) {
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

/// "/proc/1/fd/1": such a link cannot be followed by its text.
bool is_foreign_descriptor(std::string_view path) {
    const std::size_t fd = path.rfind("/fd/");
    return path.starts_with("/proc/") && fd != path.npos && number_of(path.substr(fd + 4));
}

/// Walks a path part by part, each below the open folder of the part before, so that the file that
/// is examined is the file that is used.
class walk {
  public:
    walk(const std::string& path, const std::string& directory) : shown_(path) {
        const bool absolute = path.starts_with('/');
        enter_first(absolute ? "/" : directory.empty() ? "." : directory.c_str());
        at_ = absolute ? "" : directory;
        while (at_.ends_with('/'))
            at_.pop_back();
        push(path);
        folder_named_ = path.ends_with('/');
    }

    target run() {
        if (const auto number = descriptor_of(shown_))
            finish_descriptor(*number);
        while (!parts_.empty() && !found_) {
            const std::string part = std::move(parts_.back());
            parts_.pop_back();
            if (part == "..")
                go_up();
            else if (part != ".")
                step(part);
        }
        if (!found_ || (folder_named_ && result_.kind != target_kind::descriptor))
            refuse(shown_, EISDIR);
        return std::move(result_);
    }

  private:
    bool last() const { return parts_.empty(); }

    std::string below(const std::string& part) const {
        return at_ + (at_.empty() && !rooted_ ? "" : "/") + part;
    }

    void push(std::string_view path) {
        std::vector<std::string> parts;
        for (std::size_t offset = 0; offset < path.size();) {
            const std::size_t end = std::min(path.find('/', offset), path.size());
            if (end > offset)
                parts.emplace_back(path.substr(offset, end - offset));
            offset = end + 1;
        }
        parts_.insert(parts_.end(), parts.rbegin(), parts.rend());
    }

    void enter_first(const char* path) {
        rooted_ = *path == '/';
        enter(AT_FDCWD, path, 0);
    }

    void enter(int from, const char* name, int more) {
        base::descriptor next(::openat(from, name, O_PATH | O_DIRECTORY | O_CLOEXEC | more));
        if (!next)
            refuse(shown_, errno);
        folder_ = std::move(next);
        examine();
    }

    /// A user who may change a folder controls everything below it.
    void examine() {
        struct stat now{};
        if (distrust_ || ::fstat(folder_.get(), &now) != 0)
            return;
        sticky_ = (now.st_mode & S_ISVTX) != 0;
        const mode_t mode = sticky_ ? now.st_mode & ~mode_t{S_IWGRP | S_IWOTH} : now.st_mode;
        distrust_ = base::distrust(::geteuid(), {now.st_uid, now.st_gid, mode});
    }

    void go_up() {
        enter(folder_.get(), "..", O_NOFOLLOW);
        const std::size_t slash = at_.rfind('/');
        if (slash == at_.npos) // above a relative beginning: the text can only say so
            at_ = at_.empty() && rooted_ ? "" : at_ + "/..";
        else
            at_.resize(slash);
    }

    void step(const std::string& part) {
        const std::string path = below(part);
        if (const auto number = last() ? descriptor_of(path) : std::nullopt)
            return finish_descriptor(*number);
        struct stat now{};
        if (::fstatat(folder_.get(), part.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT || !last())
                refuse(shown_, errno);
            return finish(target_kind::missing, part, path);
        }
        if (S_ISLNK(now.st_mode) && last() && is_foreign_descriptor(path)) {
            finish(target_kind::descriptor, part, path);
            return;
        }
        if (S_ISLNK(now.st_mode))
            return follow(part, path, now.st_uid);
        if (last())
            return finish(kind_of(now.st_mode), part, path);
        enter(folder_.get(), part.c_str(), O_NOFOLLOW);
        at_ = path;
    }

    void follow(const std::string& part, const std::string& path, uid_t owner) {
        std::array<char, PATH_MAX> room{};
        const auto size = ::readlinkat(folder_.get(), part.c_str(), room.data(), room.size());
        if (size <= 0)
            refuse(shown_, size < 0 ? errno : ENOENT);
        if (++links_ > most_links)
            refuse(shown_, ELOOP);
        const std::string_view out(room.data(), static_cast<std::size_t>(size));
        // A link to an open descriptor gives its maker no rights.
        if (const auto number = last() ? descriptor_of(out) : std::nullopt)
            return finish_descriptor(*number);
        if (const auto why = owner == 0 && !distrust_ ? std::nullopt : planted_here())
            refuse(
                shown_,
                fmt::format("{} is a link, and its folder {}: root does not follow it", path, *why)
            );
        if (out.starts_with('/')) {
            enter_first("/");
            at_.clear();
        }
        push(out);
    }

    /// Why another user may have made the entries of this folder.
    std::optional<std::string> planted_here() const {
        if (distrust_ || !sticky_ || ::geteuid() != 0)
            return distrust_;
        return "is open to everybody";
    }

    void finish_descriptor(int number) {
        result_.kind = target_kind::descriptor;
        result_.path = shown_;
        result_.number = number;
        found_ = true;
    }

    void finish(target_kind kind, const std::string& part, const std::string& path) {
        result_.kind = kind;
        result_.path = path;
        result_.name = part;
        result_.folder = std::move(folder_);
        result_.distrust = planted_here();
        found_ = true;
    }

    const std::string& shown_;
    std::vector<std::string> parts_; ///< what is left of the path, the next one last
    base::descriptor folder_;
    std::string at_; ///< the folder as text
    bool rooted_ = false;
    bool sticky_ = false;
    bool found_ = false;
    bool folder_named_ = false; ///< the path ends with a slash
    int links_ = 0;
    std::optional<std::string> distrust_;
    target result_;
};

/// Only inherited descriptors count: those of aio itself are closed on exec, and are not for the
/// user.
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

open_target open_foreign_descriptor(const target& target, const std::string& shown) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    open_target made;
    made.kind = target_kind::descriptor;
    made.file.reset(::openat(target.folder.get(), target.name.c_str(), flags));
    if (!made.file)
        refuse(shown, errno);
    ::fcntl(made.file.get(), F_SETFL, ::fcntl(made.file.get(), F_GETFL) & ~O_NONBLOCK);
    return made;
}

/// A text that says more than the error's own; empty: there is none. Throws nobody_reads.
std::string why_not(const target& target, const std::string& shown, int error) {
    if (error == ELOOP)
        return "it has become a link";
    struct stat now{};
    if (error == ENOENT && ::fstat(target.folder.get(), &now) == 0 && now.st_nlink == 0)
        return "its folder has been removed";
    if (error != ENXIO ||
        ::fstatat(target.folder.get(), target.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
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

/// Opens or makes the last part, whatever other processes do at the same time.
open_target open_name(const target& target, const std::string& shown, mode_t mode) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    open_target made;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        made.created = false;
        made.file.reset(::openat(target.folder.get(), target.name.c_str(), flags));
        if (made.file)
            return made;
        if (errno != ENOENT)
            break;
        made.created = true;
        made.file.reset(
            ::openat(target.folder.get(), target.name.c_str(), flags | O_CREAT | O_EXCL, mode)
        );
        if (made.file)
            return made;
        if (errno != EEXIST)
            break;
    }
    const int error = errno;
    const std::string why = why_not(target, shown, error);
    if (why.empty())
        refuse(shown, error);
    refuse(shown, why);
}

} // namespace

std::optional<int> descriptor_of(std::string_view path) {
    constexpr std::array<std::string_view, 3> standard{"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    for (std::size_t number = 0; number < standard.size(); ++number)
        if (path == standard[number])
            return static_cast<int>(number);
    if (path.starts_with("/dev/fd/"))
        return number_of(path.substr(8));
    if (!path.starts_with("/proc/"))
        return std::nullopt;
    path.remove_prefix(6);
    const std::size_t fd = path.rfind("/fd/");
    if (fd == path.npos)
        return std::nullopt;
    const std::string_view whose = path.substr(0, fd);
    const std::string self = std::to_string(::getpid());
    if (whose == "self" || whose == "thread-self" || whose == self ||
        whose.starts_with("self/task/") || whose.starts_with(self + "/task/"))
        return number_of(path.substr(fd + 4));
    return std::nullopt;
}

target find_target(const std::string& path, const std::string& directory) {
    return walk(path, directory).run();
}

open_target open(const target& target, beginning how, const std::string& shown, mode_t mode) {
    if (target.kind == target_kind::descriptor)
        return target.number < 0 ? open_foreign_descriptor(target, shown)
                                 : open_own_descriptor(target.number, shown);
    open_target made = open_name(target, shown, mode);
    struct stat now{};
    if (::fstat(made.file.get(), &now) != 0)
        refuse(shown, errno);
    made.kind = kind_of(now.st_mode);
    if (made.kind == target_kind::file && target.distrust && now.st_nlink > 1)
        refuse(
            shown,
            fmt::format(
                "the file has a second name, and its folder {}: root does not write to it",
                *target.distrust
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
