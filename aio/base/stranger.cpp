#include <aio/base/stranger.hpp>
#include <aio/base/trust.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace aio::base {

namespace {

// Who else may write an entry of a sticky folder, so that it need not be there by the will of its
// owner: a writer may give a file a second name (fs.protected_hardlinks), and move a folder. Names
// inside a folder that is everybody's are judged by themselves.
std::optional<std::string>
writer_of(const descriptor& folder, const std::string& name, const struct stat& entry) {
    if (S_ISLNK(entry.st_mode))
        return std::nullopt;
    if ((entry.st_mode & S_IWOTH) != 0 && !S_ISDIR(entry.st_mode))
        return fmt::format("'{}' may be written by everybody", name);
    if ((entry.st_mode & S_IWGRP) == 0)
        return std::nullopt;
    if (entry.st_gid != 0 && entry.st_gid != ::getegid())
        return fmt::format("'{}' may be written by group {}", name, entry.st_gid);
    const descriptor found(::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const auto named = found ? named_writer(found) : std::nullopt;
    return named ? std::optional(fmt::format("'{}' {}", name, *named)) : std::nullopt;
}

} // namespace

std::optional<std::string>
stranger_in(const descriptor& folder, const std::string& name, const struct stat& entry) {
    const uid_t user = ::geteuid();
    const uid_t owner = entry.st_uid;
    struct stat around{};
    if (!folder || (::fstat(folder.get(), &around) == 0 && (around.st_mode & S_IWOTH) == 0))
        return std::nullopt;
    const bool unknown = is_of_outside(owner);
    if (unknown && is_read_only(folder.get()))
        return std::nullopt;
    if (user != 0 && (around.st_mode & S_ISVTX) != 0)
        if (auto writer = writer_of(folder, name, entry))
            return writer;
    if (!unknown && (user == 0 || owner == 0 || owner == user))
        return std::nullopt;
    return fmt::format(
        "'{}' belongs to {}, in a folder that everybody may write",
        name,
        unknown ? "a user of outside this user namespace" : fmt::format("user {}", owner)
    );
}

} // namespace aio::base
