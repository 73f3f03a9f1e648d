#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/socket_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

namespace aio::net {

namespace {

constexpr auto pause = std::chrono::milliseconds(2);

std::error_code last_error() noexcept {
    return {errno, std::system_category()};
}

std::array<long long, 4> identity(const struct ::stat& found) {
    return {
        static_cast<long long>(found.st_dev),
        static_cast<long long>(found.st_ino),
        found.st_mtim.tv_sec,
        found.st_mtim.tv_nsec
    };
}

std::optional<std::array<long long, 4>> identity(const socket_place& place) {
    const auto found = place.look();
    return found ? std::optional(identity(*found)) : std::nullopt;
}

/// Whoever may change the folder may lock, and nobody else: a held lock lets no socket be made. The
/// system's mask for new files does not count, because users of a shared folder share the lock.
/// Only root can give the lock to the owner of the folder. A group that is not that of the folder
/// has no more rights than all others have.
void share_with_folder(int file, int folder) noexcept {
    struct ::stat found{};
    if (::fstat(folder, &found) != 0)
        return;
    mode_t writers = found.st_mode & (S_IWGRP | S_IWOTH);
    if (::fchown(file, static_cast<uid_t>(-1), found.st_gid) != 0)
        writers = (found.st_mode & S_IWOTH) ? S_IWGRP | S_IWOTH : 0;
    const mode_t readers = writers << 1;
    std::ignore = ::fchmod(file, S_IRUSR | S_IWUSR | writers | readers);
    std::ignore = ::fchown(file, found.st_uid, static_cast<gid_t>(-1));
}

bool is_regular(int fd) {
    struct ::stat held{};
    return ::fstat(fd, &held) == 0 && S_ISREG(held.st_mode);
}

bool is_empty_file(int fd) {
    struct ::stat held{};
    return ::fstat(fd, &held) == 0 && S_ISREG(held.st_mode) && held.st_size == 0;
}

} // namespace

path_is_held::path_is_held(const std::string& text)
    : std::system_error(EADDRINUSE, std::system_category(), text) {}

path_lock::path_lock(const socket_place& place, base::duration patience)
    : folder_(place.folder()), name_(place.name() + ".lock"), path_(place.path() + ".lock") {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (const int hindrance = try_lock()) {
        if (std::chrono::steady_clock::now() >= end) {
            if (hindrance == EACCES)
                throw base::system_failure(EACCES, path_);
            throw path_is_held(path_ + " is held by another process");
        }
        std::this_thread::sleep_for(pause);
    }
}

// A lock file that was left behind is opened without O_CREAT: in a folder such as /tmp the system
// refuses to open files of other users with it. The last holder removes the file, so the locked
// file may have no name any more.
int path_lock::try_lock() {
    constexpr int how = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    base::descriptor file(::openat(folder_, name_.c_str(), how));
    if (!file && errno == EACCES && may_change_folder())
        return EACCES;
    if (!file && errno == ENOENT) {
        file = base::descriptor(::openat(folder_, name_.c_str(), how | O_CREAT | O_EXCL, 0600));
        if (file)
            share_with_folder(file.get(), folder_);
    }
    if (!file && errno == EEXIST)
        return EWOULDBLOCK;
    if (!file && errno == ELOOP)
        throw std::runtime_error(path_ + " is a link and cannot be locked: remove it");
    if (!file && errno == ENOENT)
        throw std::runtime_error(path_ + ": " + base::path_reason(ENOENT, path_));
    if (!file)
        throw base::system_failure(errno, path_);
    if (!is_regular(file.get()))
        throw std::runtime_error(path_ + " is no regular file and cannot be locked: remove it");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EINTR)
            return EWOULDBLOCK;
        throw base::system_failure(errno, path_);
    }
    if (!is_there(file.get()))
        return EWOULDBLOCK;
    file_ = std::move(file);
    return 0;
}

bool path_lock::may_change_folder() const noexcept {
    const int before = errno;
    const bool may = ::faccessat(folder_, ".", W_OK | X_OK, AT_EACCESS) == 0;
    errno = before;
    return may;
}

// Only an empty file can be a lock of aio: a file of another program with this name stays.
path_lock::~path_lock() {
    if (is_empty_file(file_.get()) && is_there(file_.get()))
        ::unlinkat(folder_, name_.c_str(), 0);
}

bool path_lock::is_there(int file) const noexcept {
    struct ::stat held{}, found{};
    return ::fstat(file, &held) == 0 &&
           ::fstatat(folder_, name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

socket_file::socket_file(socket_place place) : place_(std::move(place)) {
    const auto found = identity(place_);
    if (!found)
        throw base::system_failure(errno, place_.path());
    identity_ = *found;
}

socket_file::~socket_file() {
    std::ignore = remove();
}

// By the path, because the folder may have been replaced, too. An open socket keeps its inode, so
// its number is not used again.
bool socket_file::is_there() const {
    const base::way there = place_.walk();
    if (there.error != 0 && there.error != ENOENT && there.error != ENOTDIR)
        return true;
    return there.exists && identity_[0] == static_cast<long long>(there.found.st_dev) &&
           identity_[1] == static_cast<long long>(there.found.st_ino);
}

// By a descriptor of the file itself, because other users may put links into the folder.
template <typename Change>
std::error_code socket_file::change(Change apply) const noexcept {
    const base::descriptor file(
        ::openat(place_.folder(), place_.name().c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)
    );
    struct ::stat found{};
    if (!file || ::fstat(file.get(), &found) != 0)
        return last_error();
    if (!S_ISSOCK(found.st_mode) || identity(found) != identity_)
        return std::make_error_code(std::errc::no_such_file_or_directory);
    return apply(file.get(), found) == 0 ? std::error_code{} : last_error();
}

std::error_code socket_file::give_to(uid_t user, gid_t group) noexcept {
    return change([=](int file, const struct ::stat&) {
        return ::fchownat(file, "", user, group, AT_EMPTY_PATH);
    });
}

// Without /proc by its name, where no other user can put another file there.
std::error_code socket_file::set_mode(mode_t mode) {
    const std::error_code failed = change([=](int file, const struct ::stat& found) {
        if ((found.st_mode & 07777) == mode)
            return 0;
        std::array<char, 32> name{"/proc/self/fd/"}; // fchmod() refuses a descriptor of O_PATH
        std::to_chars(name.data() + std::strlen(name.data()), name.data() + name.size() - 1, file);
        return ::chmod(name.data(), mode);
    });
    if (!failed || ::access("/proc/self/fd", F_OK) == 0 || !place_.private_to_us())
        return failed;
    return ::fchmodat(place_.folder(), place_.name().c_str(), mode, 0) == 0 ? std::error_code{}
                                                                            : last_error();
}

std::error_code socket_file::remove() noexcept {
    if (!std::exchange(there_, false) || identity(place_) != identity_)
        return {};
    std::optional<path_lock> lock;
    try {
        lock.emplace(place_, base::duration{0});
    } catch (const std::exception&) {
        // Without the lock the file is looked at and removed in two steps.
    }
    if (identity(place_) != identity_)
        return {};
    return ::unlinkat(place_.folder(), place_.name().c_str(), 0) == 0 ? std::error_code{}
                                                                      : last_error();
}

} // namespace aio::net
