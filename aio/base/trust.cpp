#include <aio/base/trust.hpp>
#include <aio/base/way.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace aio::base {

namespace {

namespace fs = std::filesystem;

// Whether this process lives in a user namespace in which not every user of the machine exists.
bool some_users_have_no_number() {
    std::ifstream map{"/proc/self/uid_map"};
    unsigned long inside = 0, outside = 0, count = 0;
    const bool known = static_cast<bool>(map >> inside >> outside >> count);
    return known && !(inside == 0 && outside == 0 && count >= 0xFFFFFFFF);
}

// The number that stands for all users without one.
uid_t overflow_user() {
    std::ifstream from{"/proc/sys/kernel/overflowuid"};
    uid_t number = 65534;
    from >> number;
    return number;
}

// Of a folder: it belongs to a user of the machine who does not exist in this namespace, as `/`
// does for the root of a namespace of an ordinary user. That root has no more rights than this
// user.
bool belongs_to_outside(const struct stat& folder) {
    return folder.st_uid != 0 && some_users_have_no_number() && folder.st_uid == overflow_user();
}

// Nobody writes to a file system that is mounted read-only, whatever the modes say: kubelet mounts
// configurations so, in folders of mode 0777.
bool is_read_only(int file) {
    struct statvfs system{};
    return ::fstatvfs(file, &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

} // namespace

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
        return "cannot be examined: " + std::generic_category().message(errno);
    ownership rights{found.st_uid, found.st_gid, found.st_mode};
    const bool folder = S_ISDIR(found.st_mode);
    if (folder && belongs_to_outside(found))
        rights.owner = 0;
    constexpr mode_t others_write = S_IWGRP | S_IWOTH;
    const bool sticky = folder && (found.st_mode & S_ISVTX) != 0;
    if (sticky || ((found.st_mode & others_write) != 0 && is_read_only(file.get())))
        rights.mode &= ~others_write;
    return distrust(user, rights);
}

std::optional<std::string> distrust(const fs::path& file) {
    if (::geteuid() != 0)
        return std::nullopt;
    const way there = follow(file);
    if (there.distrust || !there.exists)
        return there.distrust;
    const descriptor found(there.open(O_PATH));
    const auto reason = found ? distrust(found) : std::nullopt;
    return reason ? std::optional(there.path + ' ' + *reason) : std::nullopt;
}

} // namespace aio::base
