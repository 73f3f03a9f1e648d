#include <aio/base/trust.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <list>
#include <system_error>

namespace aio::base {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;

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

std::optional<std::string> examine(const fs::path& what, const struct stat& found) {
    ownership owner{found.st_uid, found.st_gid, found.st_mode};
    if (S_ISLNK(found.st_mode))
        owner.mode &= ~mode_t{S_IWGRP | S_IWOTH}; // the permission bits of a link have no meaning
    if (S_ISDIR(found.st_mode)) {
        if (found.st_mode & S_ISVTX)
            owner.mode &= ~mode_t{S_IWGRP | S_IWOTH};
        if (belongs_to_outside(found))
            owner.owner = 0;
    }
    const auto reason = distrust(::geteuid(), owner);
    return reason ? std::optional(what.string() + ' ' + *reason) : std::nullopt;
}

// Walks a path part by part, as the system does, and looks at everything on the way.
std::optional<std::string> examine_way(const fs::path& file) {
    std::error_code failed;
    const fs::path whole = fs::absolute(file, failed);
    if (failed)
        return std::nullopt;
    std::list<fs::path> parts(whole.begin(), whole.end());
    fs::path reached;
    for (int links = 0; !parts.empty();) {
        const fs::path part = parts.front();
        parts.pop_front();
        if (part == "..") {
            reached = reached.parent_path();
            continue;
        }
        if (part.empty() || part == ".")
            continue;
        const fs::path next = reached / part;
        struct stat found{};
        if (::lstat(next.c_str(), &found) != 0)
            return std::nullopt;
        if (auto reason = examine(next, found))
            return reason;
        if (!S_ISLNK(found.st_mode)) {
            reached = next;
            continue;
        }
        const fs::path target = fs::read_symlink(next, failed);
        if (failed || ++links > most_links)
            return std::nullopt;
        parts.insert(parts.begin(), target.begin(), target.end());
        if (target.is_absolute())
            reached.clear();
    }
    return std::nullopt;
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

std::optional<std::string> distrust(const fs::path& file) {
    return ::geteuid() == 0 ? examine_way(file) : std::nullopt;
}

} // namespace aio::base
