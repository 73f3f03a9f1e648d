#include <aio/app/pid_file.hpp>
#include <aio/base/trust.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

namespace aio::app {
namespace {

pid_t written_pid(int fd) {
    char text[32] = {};
    const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
    return n > 0 ? static_cast<pid_t>(std::strtol(text, nullptr, 10)) : 0;
}

/// Whether the name still leads to the locked file: another process may have removed it meanwhile.
bool same_file(int fd, const std::string& path) {
    struct stat here{}, there{};
    return ::fstat(fd, &here) == 0 && ::stat(path.c_str(), &there) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/// The user that the process has become may not be allowed to read the folder.
bool out_of_reach(const std::string& path) {
    struct stat there{};
    return ::stat(path.c_str(), &there) != 0 && errno == EACCES;
}

/// For root: whether another user may write to the file.
bool distrusted(int fd) {
    struct stat found{};
    return ::fstat(fd, &found) != 0 ||
           base::distrust(::geteuid(), {found.st_uid, found.st_gid, found.st_mode});
}

/// A device, a FIFO or a folder is not a pid file: it is neither written to nor removed.
void check_regular(const struct stat& found, const std::string& path) {
    if (!S_ISREG(found.st_mode))
        throw std::runtime_error(path + ": not a regular file");
}

/// Examines the file before opening it, because opening a device can already have an effect.
int open_regular(const std::string& path, int more) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0 && !S_ISLNK(found.st_mode))
        check_regular(found, path);
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    base::descriptor file(::open(path.c_str(), flags | more, 0644));
    if (!file || ::fstat(file.get(), &found) != 0)
        throw std::system_error(errno, std::system_category(), path);
    check_regular(found, path);
    return file.release();
}

} // namespace

pid_file::pid_file(std::string path) : path_(std::move(path)) {
    for (int only_new = 0;;) {
        file_.reset(open_regular(path_, only_new));
        if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                throw already_running{path_, written_pid(file_.get())};
            throw std::system_error(errno, std::system_category(), path_);
        }
        if (!same_file(file_.get(), path_))
            continue;
        if (only_new != 0 || !distrusted(file_.get()))
            return;
        if (::unlink(path_.c_str()) != 0)
            throw std::system_error(errno, std::system_category(), path_);
        only_new = O_EXCL; // whichever owner the file system gives it
    }
}

pid_file::pid_file(pid_file&& other) noexcept
    : path_(std::move(other.path_)), file_(std::move(other.file_)),
      owner_(other.owner_.exchange(0)) {}

pid_file& pid_file::operator=(pid_file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    owner_ = other.owner_.exchange(owner_);
    return *this;
}

pid_file::~pid_file() {
    std::ignore = remove();
}

std::error_code pid_file::remove() noexcept {
    if (!file_ || owner_.exchange(0) != ::getpid())
        return {};
    const bool ours = same_file(file_.get(), path_);
    if (ours ? ::unlink(path_.c_str()) == 0 : !out_of_reach(path_))
        return {};
    const std::error_code failed(errno, std::system_category());
    std::ignore = ::ftruncate(file_.get(), 0);
    return failed;
}

void pid_file::take() {
    if (!file_)
        return;
    owner_ = ::getpid();
    const std::string text = std::to_string(owner_) + "\n";
    if (::ftruncate(file_.get(), 0) != 0 ||
        ::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw std::system_error(errno, std::system_category(), path_);
}

} // namespace aio::app
