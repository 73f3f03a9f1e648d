#include <aio/base/path_reason.hpp>
#include <aio/base/trust.hpp>
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

std::optional<std::array<long long, 4>> identity(const std::string& path) {
    struct ::stat found{};
    if (::lstat(path.c_str(), &found) != 0)
        return std::nullopt;
    return identity(found);
}

bool is_at(int fd, const std::string& path) {
    struct ::stat held{}, found{};
    return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &found) == 0 &&
           held.st_dev == found.st_dev && held.st_ino == found.st_ino;
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

path_lock::path_lock(const std::string& path, std::chrono::milliseconds patience)
    : name_(path + ".lock") {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!try_lock()) {
        if (std::chrono::steady_clock::now() >= end)
            throw std::system_error(
                EADDRINUSE, std::system_category(), name_ + " is held by another process"
            );
        std::this_thread::sleep_for(pause);
    }
}

// A lock file that was left behind is opened without O_CREAT: in a folder such as /tmp the system
// refuses to open files of other users with it. The last holder removes the file, so the locked
// file may have no name any more.
bool path_lock::try_lock() {
    constexpr int how = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    base::descriptor file(::open(name_.c_str(), how));
    if (!file && errno == ENOENT)
        file = base::descriptor(::open(name_.c_str(), how | O_CREAT | O_EXCL, 0644));
    if (!file && errno == EEXIST)
        return false;
    if (!file && errno == ELOOP)
        throw std::runtime_error(name_ + " is a link and cannot be locked: remove it");
    if (!file && errno == ENOENT)
        throw std::runtime_error(name_ + ": " + base::path_reason(ENOENT, name_));
    if (!file)
        throw std::system_error(last_error(), name_);
    if (!is_regular(file.get()))
        throw std::runtime_error(name_ + " is no regular file and cannot be locked: remove it");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EINTR)
            return false;
        throw std::system_error(last_error(), name_);
    }
    if (!is_at(file.get(), name_))
        return false;
    file_ = std::move(file);
    return true;
}

// Only an empty file can be a lock of aio: a file of another program with this name stays.
path_lock::~path_lock() {
    if (is_empty_file(file_.get()) && is_at(file_.get(), name_))
        ::unlink(name_.c_str());
}

socket_file::socket_file(std::string path) : path_(std::move(path)) {
    const auto found = identity(path_);
    if (!found)
        throw std::system_error(last_error(), path_);
    identity_ = *found;
}

socket_file::~socket_file() {
    std::ignore = remove();
}

// By a descriptor of the file itself, because other users may put links into the folder.
template <typename Change>
std::error_code socket_file::change(Change apply) const noexcept {
    const base::descriptor file(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
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
    if (!failed || ::access("/proc/self/fd", F_OK) == 0 || base::distrust(path_))
        return failed;
    return ::chmod(path_.c_str(), mode) == 0 ? std::error_code{} : last_error();
}

std::error_code socket_file::remove() noexcept {
    if (!std::exchange(there_, false) || identity(path_) != identity_)
        return {};
    std::optional<path_lock> lock;
    try {
        lock.emplace(path_, std::chrono::milliseconds(0));
    } catch (const std::exception&) {
        // Without the lock the file is looked at and removed in two steps.
    }
    if (identity(path_) != identity_)
        return {};
    return ::unlink(path_.c_str()) == 0 ? std::error_code{} : last_error();
}

} // namespace aio::net
