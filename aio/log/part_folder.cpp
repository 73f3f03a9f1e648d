#include <aio/base/file_rights.hpp>
#include <aio/base/new_file.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/temporary_file.hpp>
#include <aio/log/file_status.hpp>
#include <aio/log/part_folder.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

namespace aio::log {

namespace {

/// The answers to a rename of a mount point.
bool is_mount_point(int error) {
    return error == EBUSY || error == EXDEV;
}

/// False: errno says why.
bool copy_all(int origin, int target) {
    std::array<char, 64 * 1024> room;
    for (;;) {
        const auto got = ::read(origin, room.data(), room.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (!base::write_all(target, {room.data(), static_cast<std::size_t>(got)}))
            return false;
    }
}

} // namespace

void part_folder::fail(const char* action, const std::string& name) const {
    throw base::system_failure(errno, fmt::format("cannot {} '{}/{}'", action, path_, name));
}

void part_folder::refuse(const std::string& part) {
    throw std::system_error(EEXIST, std::generic_category(), fmt::format("cannot make '{}'", part));
}

bool part_folder::has(const std::string& name) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    if (errno != ENOENT)
        fail("examine", name);
    return false;
}

void part_folder::check_regular(const std::string& name, const char* action) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        fail("examine", name);
    if (!S_ISREG(now.st_mode)) {
        errno = S_ISDIR(now.st_mode) ? EISDIR : EEXIST;
        fail(action, name);
    }
}

/// False: errno says why.
bool part_folder::try_move(const std::string& from, const std::string& to) const {
    check_regular(from, "move");
    return base::move_to_free_name(folder_.get(), from.c_str(), to.c_str());
}

bool part_folder::move(const std::string& from, const std::string& to) const {
    if (try_move(from, to))
        return true;
    if (errno != EEXIST)
        fail("move", from);
    return false;
}

bool part_folder::finish(const std::string& name, const std::string& to) const {
    if (try_move(name, to))
        return true;
    if (is_mount_point(errno))
        return copy_and_empty(name, to);
    if (errno != EEXIST)
        fail("move", name);
    return false;
}

bool part_folder::copy_and_empty(const std::string& name, const std::string& to) const {
    const base::descriptor source(
        ::openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    );
    struct stat opened{}, live{};
    if (!source || ::fstat(source.get(), &opened) != 0 || ::fstat(live_, &live) != 0)
        fail("copy", name);
    errno = EEXIST; // another file has taken the name
    if (!same_file(opened, live))
        fail("copy", name);
    const base::descriptor part(::openat(
        folder_.get(), to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, live.st_mode & S_IRWXU
    ));
    if (!part && errno == EEXIST)
        return false;
    if (!part)
        fail("make", to);
    std::ignore = base::give_rights(part.get(), base::rights_of(live_));
    if (!copy_all(source.get(), part.get()) || ::ftruncate(live_, 0) != 0) {
        const int error = errno;
        ::unlinkat(folder_.get(), to.c_str(), 0);
        errno = error;
        fail("copy", name);
    }
    return true;
}

void part_folder::remove(const std::string& name) const {
    check_regular(name, "remove");
    if (::unlinkat(folder_.get(), name.c_str(), 0) != 0)
        fail("remove", name);
}

std::time_t part_folder::changed(const std::string& name) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        fail("examine", name);
    return second_of(now.st_ctim);
}

std::vector<std::string> part_folder::names(const std::string& beginning) const {
    const int fd = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> all(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
    if (!all)
        fail("read", "");
    std::vector<std::string> found;
    while (const dirent* entry = ::readdir(all.get())) {
        struct stat now{};
        if (std::string_view(entry->d_name).starts_with(beginning) &&
            ::fstatat(folder_.get(), entry->d_name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(now.st_mode))
            found.emplace_back(entry->d_name);
    }
    return found;
}

} // namespace aio::log
