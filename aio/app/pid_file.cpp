#include <aio/app/pid_file.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/trust.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

namespace aio::app {
namespace {

/// 0 when the file begins with anything else than the number of a process.
pid_t written_pid(int fd) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    const char* const end = text.data() + std::max<ssize_t>(size, 0);
    pid_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const bool complete = rest == end || *rest == '\n' || *rest == ' ';
    return error == std::errc{} && complete && number > 0 ? number : 0;
}

/// Whether the name still leads to the locked file: another process may have removed it meanwhile.
bool same_file(int fd, const base::way& place) {
    struct stat here{}, there{};
    return ::fstat(fd, &here) == 0 &&
           ::fstatat(place.folder.get(), place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/// Whether the user that the process has become may not look into the folder.
bool out_of_reach(const base::way& place) {
    struct stat there{};
    return ::fstatat(place.folder.get(), place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 &&
           errno == EACCES;
}

base::way find_place(const std::string& path) {
    base::way place = base::follow(path, {}, base::last_link::keep);
    if (!place.planted.empty())
        throw std::runtime_error(path + ": " + place.planted);
    if (place.error != 0)
        throw base::system_failure(place.error, path);
    return place;
}

/// A link, a device, a FIFO or a folder is not aio's: it is neither written to nor removed.
std::string unsuitable(const struct stat& found, const base::way& place) {
    if (S_ISLNK(found.st_mode))
        return "it is a link, which a pid file cannot be";
    if (!S_ISREG(found.st_mode))
        return "not a regular file";
    return place.second_name(found).value_or("");
}

void check_file(const struct stat& found, const base::way& place, const std::string& path) {
    if (const std::string why = unsuitable(found, place); !why.empty())
        throw std::runtime_error(path + ": " + why);
}

/// Whoever may open the file, if only for reading, could lock it and so prevent every start.
constexpr mode_t owner_only = 0600;

void take_from_others(int file) noexcept {
    struct stat found{};
    if (::fstat(file, &found) == 0 && (found.st_mode & 077) != 0)
        std::ignore = ::fchmod(file, found.st_mode & owner_only);
}

/// Examines the file before opening it, because opening a device can already have an effect.
int open_regular(const base::way& place, const std::string& path, int more) {
    struct stat found{};
    if (::fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
        check_file(found, place, path);
    base::descriptor file(place.open(O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK | more, owner_only));
    if (!file || ::fstat(file.get(), &found) != 0)
        throw base::system_failure(errno, path);
    check_file(found, place, path);
    return file.release();
}

} // namespace

std::string wrong_with_pid_file(const std::string& path, const std::string& directory) {
    const base::way place = base::follow(path, directory, base::last_link::keep);
    if (!place.planted.empty())
        return place.planted;
    if (place.error != 0) // the user that runs aio may have the right
        return place.error == EACCES ? "" : base::path_reason(place.error, path, directory);
    if (!place.exists && base::is_removed(place.folder))
        return "its folder has been removed";
    return place.exists ? unsuitable(place.found, place) : "";
}

pid_file::pid_file(std::string path) : path_(std::move(path)), place_(find_place(path_)) {
    for (int only_new = 0;;) {
        file_.reset(open_regular(place_, path_, only_new));
        if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                throw already_running{path_, written_pid(file_.get())};
            throw base::system_failure(errno, path_);
        }
        if (!same_file(file_.get(), place_))
            continue;
        if (only_new != 0 || !base::distrust(file_)) {
            take_from_others(file_.get());
            return;
        }
        if (::unlinkat(place_.folder.get(), place_.name.c_str(), 0) != 0)
            throw base::system_failure(errno, path_);
        only_new = O_EXCL; // whichever owner the file system gives it
    }
}

pid_file::pid_file(pid_file&& other) noexcept
    : path_(std::move(other.path_)), place_(std::move(other.place_)), file_(std::move(other.file_)),
      owner_(other.owner_.exchange(0)) {}

pid_file& pid_file::operator=(pid_file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(place_, other.place_);
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
    const bool removed = same_file(file_.get(), place_)
                             ? ::unlinkat(place_.folder.get(), place_.name.c_str(), 0) == 0
                             : !out_of_reach(place_);
    if (removed)
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
        throw base::system_failure(errno, path_);
}

} // namespace aio::app
