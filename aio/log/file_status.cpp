#include <aio/log/file_status.hpp>

#include <unistd.h>

#include <tuple>

namespace aio::log {

void take_over(int fd, const struct stat& like) noexcept {
    struct stat now{};
    if (::fstat(fd, &now) != 0)
        return;
    const bool moved = now.st_uid == like.st_uid && now.st_gid == like.st_gid;
    if (!moved && ::fchown(fd, like.st_uid, like.st_gid) != 0)
        std::ignore = ::fchown(fd, static_cast<uid_t>(-1), like.st_gid);
    std::ignore = ::fchmod(fd, like.st_mode & 07777);
}

open_target
open_replacement(const target& what, const std::string& shown, const struct stat& like) {
    if (!S_ISREG(like.st_mode))
        return open(what, beginning::keep, shown);
    // nobody gets more than the owner's rights until take_over() gives the rest
    open_target made = open(what, beginning::keep, shown, like.st_mode & S_IRWXU);
    if (made.created)
        take_over(made.file.get(), like);
    return made;
}

} // namespace aio::log
