#include <aio/log/part_folder.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace aio::log {

namespace {

/// For file systems whose rename always replaces: makes a second name first, because link() cannot
/// replace.
int move_by_link(int folder, const char* from, const char* to) {
    if (::linkat(folder, from, folder, to, 0) == 0)
        return ::unlinkat(folder, from, 0);
    struct stat now{};
    if (errno == EEXIST)
        return -1;
    if (::fstatat(folder, to, &now, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return ::renameat(folder, from, folder, to);
}

} // namespace

void part_folder::fail(const char* action, const std::string& name) const {
    throw std::system_error(
        errno, std::generic_category(), fmt::format("cannot {} '{}/{}'", action, path_, name)
    );
}

bool part_folder::has(const std::string& name) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    if (errno != ENOENT)
        fail("examine", name);
    return false;
}

void part_folder::check_regular(const std::string& name) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        fail("examine", name);
    if (!S_ISREG(now.st_mode)) {
        errno = S_ISDIR(now.st_mode) ? EISDIR : EEXIST;
        fail("move", name);
    }
}

bool part_folder::move(const std::string& from, const std::string& to) const {
    check_regular(from);
    const int folder = folder_.get();
    if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    // EPERM: a filter of system calls does not know this one.
    if ((errno == EINVAL || errno == ENOSYS || errno == ENOTSUP || errno == EPERM) &&
        move_by_link(folder, from.c_str(), to.c_str()) == 0)
        return true;
    if (errno != EEXIST)
        fail("move", from);
    return false;
}

void part_folder::remove(const std::string& name) const {
    check_regular(name);
    if (::unlinkat(folder_.get(), name.c_str(), 0) != 0)
        fail("remove", name);
}

std::time_t part_folder::changed(const std::string& name) const {
    struct stat now{};
    if (::fstatat(folder_.get(), name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
        fail("examine", name);
    return now.st_ctime;
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
