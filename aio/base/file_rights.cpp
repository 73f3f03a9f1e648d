#include <aio/base/file_rights.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/way.hpp>

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>

namespace aio::base {

namespace {

constexpr std::size_t largest_attribute = 65536;

using header = ::posix_acl_xattr_header;
using entry = ::posix_acl_xattr_entry;

/// The rights in the entry of this tag, of which the low byte comes first; null: there is none.
char* find_rights(std::string& access_list, char tag) {
    for (std::size_t place = sizeof(header); place + sizeof(entry) <= access_list.size();
         place += sizeof(entry))
        if (access_list[place + offsetof(entry, e_tag)] == tag)
            return &access_list[place + offsetof(entry, e_perm)];
    return nullptr;
}

std::string access_list_of(int file) {
    if (::fgetxattr(file, access_list_name, nullptr, 0) <= 0)
        return {};
    std::string list(largest_attribute, '\0');
    const auto size = ::fgetxattr(file, access_list_name, list.data(), list.size());
    list.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return list;
}

/// The file has another group. What only one of the old group and all others may do, neither may.
/// With a list, the bits of the group are its mask, which is for the users of the list, too.
void take_group_rights_away(file_rights& rights) {
    mode_t group = rights.mode >> 3 & 07u, others = rights.mode & 07u;
    char* const listed_group = find_rights(rights.access_list, ACL_GROUP_OBJ);
    char* const listed_others = find_rights(rights.access_list, ACL_OTHER);
    if (listed_group && listed_others) {
        *listed_group = *listed_others = static_cast<char>(*listed_group & *listed_others);
        others = static_cast<unsigned char>(*listed_others);
    } else {
        group = others = group & others;
    }
    rights.mode = (rights.mode & ~077u) | group << 3 | others;
}

/// A folder with a default list gives a new file a list that the old file need not have.
int give_access_list(int file, const std::string& list) {
    const int done = list.empty()
                         ? ::fremovexattr(file, access_list_name)
                         : ::fsetxattr(file, access_list_name, list.data(), list.size(), 0);
    if (done == 0 || (list.empty() && (errno == ENODATA || errno == ENOTSUP)))
        return 0;
    return errno;
}

} // namespace

file_rights rights_of(int file) {
    struct stat found{};
    if (::fstat(file, &found) != 0)
        throw system_failure(errno, "cannot examine the rights of a file");
    return {found.st_uid, found.st_gid, found.st_mode & 07777, access_list_of(file)};
}

int give_rights(int file, const file_rights& wanted) {
    file_rights rights = wanted;
    struct stat now{};
    if (::fstat(file, &now) != 0)
        return errno;
    int error = 0;
    if ((now.st_uid != rights.owner || now.st_gid != rights.group) &&
        ::fchown(file, rights.owner, rights.group) != 0) {
        error = errno;
        rights.mode &= 01777u;
        if (now.st_gid != rights.group && ::fchown(file, static_cast<uid_t>(-1), rights.group) != 0)
            take_group_rights_away(rights);
    }
    if (const int refused = give_access_list(file, rights.access_list)) {
        error = refused;
        rights.mode &= ~077u;
    }
    if (::fchmod(file, rights.mode) != 0)
        error = errno;
    return error;
}

bool everybody_may_read(const std::string& path) {
    const way there = follow(path);
    if (!there.exists || there.own_descriptor || there.process_link ||
        !S_ISREG(there.found.st_mode) || (there.found.st_mode & S_IROTH) == 0)
        return false;
    std::filesystem::path folder = there.path;
    while (folder != folder.parent_path()) {
        folder = folder.parent_path();
        struct stat found{};
        if (::stat(folder.c_str(), &found) != 0 || (found.st_mode & S_IXOTH) == 0)
            return false;
    }
    return true;
}

} // namespace aio::base
