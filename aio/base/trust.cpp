#include <aio/base/file_rights.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/user_change.hpp>
#include <aio/base/way.hpp>

#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <span>

namespace aio::base {

namespace {

namespace fs = std::filesystem;

// Whether this process lives in a user namespace in which not every user of the machine exists.
bool some_users_have_no_number() {
    std::ifstream map{"/proc/self/uid_map"};
    unsigned long inside = 0, outside = 0, count = 0;
    if (!map)
        return false;
    const bool some_have = static_cast<bool>(map >> inside >> outside >> count);
    return !some_have || !(inside == 0 && outside == 0 && count >= 0xFFFFFFFF);
}

// The number that stands for all users without one.
uid_t overflow_user() {
    std::ifstream from{"/proc/sys/kernel/overflowuid"};
    uid_t number = 65534;
    from >> number;
    return number;
}

// Whether it belongs to a user of the machine who does not exist in this namespace, as `/` does for
// the root of a namespace of an ordinary user. That root has no more rights than this user, and
// nobody in the namespace can change what the mode does not let everybody change. When a user in
// the namespace has the number, too, nothing is known about the owner; then only folders count as
// the system's.
bool belongs_to_outside(const struct stat& found) {
    if (found.st_uid == 0 || !is_of_outside(found.st_uid))
        return false;
    return S_ISDIR(found.st_mode) || !namespace_has_user(found.st_uid).value_or(false);
}

// Of an access list (setfacl): the first user or group that it lets write and that is neither
// root's nor, unless this process is root's, its own.
std::optional<std::string> named_writer(std::span<const std::byte> list) {
    posix_acl_xattr_entry each{};
    for (std::size_t at = sizeof(posix_acl_xattr_header); at + sizeof each <= list.size();
         at += sizeof each) {
        std::memcpy(&each, list.data() + at, sizeof each);
        const bool user = le16toh(each.e_tag) == ACL_USER;
        const auto id = le32toh(each.e_id);
        const bool own = id == 0 || (::geteuid() != 0 && id == (user ? ::geteuid() : ::getegid()));
        if ((user || le16toh(each.e_tag) == ACL_GROUP) && !own &&
            (le16toh(each.e_perm) & ACL_WRITE) != 0)
            return fmt::format(
                "may be written by {} {} (an access list)", user ? "user" : "group", id
            );
    }
    return std::nullopt;
}

// The access list of what is open. -1: errno says why there is none. EBADF means O_PATH: a folder
// is opened once more, a file is reached by its link in /proc.
ssize_t read_access_list(const descriptor& file, std::span<std::byte> room) {
    const ssize_t size = ::fgetxattr(file.get(), access_list_name, room.data(), room.size());
    if (size >= 0 || errno != EBADF)
        return size;
    const descriptor folder(::openat(file.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder)
        return ::fgetxattr(folder.get(), access_list_name, room.data(), room.size());
    if (errno != ENOTDIR)
        return -1;
    const std::string name = "/proc/self/fd/" + std::to_string(file.get());
    return ::getxattr(name.c_str(), access_list_name, room.data(), room.size());
}

// There is no such file.
bool is_absence(int error) {
    return error == ENOENT || error == ENOTDIR;
}

} // namespace

// The mode shows only that an access list lets somebody write, as if its group could.
std::optional<std::string> named_writer(const descriptor& file) {
    std::array<std::byte, 65536> list;
    const ssize_t size = read_access_list(file, list);
    if (size >= 0)
        return named_writer(std::span(list).first(static_cast<std::size_t>(size)));
    if (errno == ENODATA || errno == ENOTSUP)
        return std::nullopt;
    return "may be written by its group, and its access list cannot be read: " +
           system_reason(errno);
}

bool is_read_only(int file) {
    struct statvfs system{};
    return ::fstatvfs(file, &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

bool is_of_outside(uid_t user) {
    return some_users_have_no_number() && user == overflow_user();
}

std::optional<std::string> distrust(uid_t user, const ownership& rights) {
    if (user != 0 || S_ISCHR(rights.mode))
        return std::nullopt;
    if (rights.owner != 0)
        return "belongs to user " + std::to_string(rights.owner);
    if (rights.mode & S_IWOTH)
        return "may be written by everybody";
    if ((rights.mode & S_IWGRP) && rights.group != 0)
        return "may be written by group " + std::to_string(rights.group);
    return std::nullopt;
}

std::optional<std::string> distrust(const descriptor& file) {
    const uid_t user = ::geteuid();
    if (user != 0)
        return std::nullopt;
    struct stat found{};
    if (::fstat(file.get(), &found) != 0)
        return "cannot be examined: " + system_reason(errno);
    ownership rights{found.st_uid, found.st_gid, found.st_mode};
    const bool folder = S_ISDIR(found.st_mode);
    if (belongs_to_outside(found))
        rights.owner = 0;
    constexpr mode_t others_write = S_IWGRP | S_IWOTH;
    const bool sticky = folder && (found.st_mode & S_ISVTX) != 0;
    if (sticky || ((found.st_mode & others_write) != 0 && is_read_only(file.get())))
        rights.mode &= ~others_write;
    const auto reason = distrust(user, rights);
    return reason || !(rights.mode & S_IWGRP) ? reason : named_writer(file);
}

// The user who called sudo (SUDO_USER) counts as another user, too: any program of that user could
// replace the file.
std::optional<std::string> distrust(const fs::path& file) {
    if (::geteuid() != 0)
        return std::nullopt;
    const way there = follow(file);
    const auto unexamined = [&](int error) {
        return file.string() + " cannot be examined: " + system_reason(error);
    };
    if (there.distrust)
        return there.distrust;
    if (there.error != 0 && !is_absence(there.error))
        return unexamined(there.error);
    if (!there.exists)
        return std::nullopt;
    const descriptor found(there.open(O_PATH));
    if (!found)
        return is_absence(errno) ? std::nullopt : std::optional(unexamined(errno));
    const auto reason = distrust(found);
    return reason ? std::optional(there.path + ' ' + *reason) : std::nullopt;
}

} // namespace aio::base
