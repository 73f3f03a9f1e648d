#include <aio/base/trust.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace aio::base {

namespace {

std::optional<std::string> examine(const std::filesystem::path& what) {
    struct stat found{};
    if (::stat(what.c_str(), &found) != 0)
        return std::nullopt;
    // In a sticky folder like /tmp only its owner can replace a file.
    const mode_t mode = S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX)
                            ? found.st_mode & ~mode_t{S_IWGRP | S_IWOTH}
                            : found.st_mode;
    auto reason = distrust(::geteuid(), ownership{found.st_uid, found.st_gid, mode});
    if (reason)
        reason = what.string() + ' ' + *reason;
    return reason;
}

} // namespace

std::optional<std::string> distrust(uid_t user, const ownership& of) {
    if (user != 0 || S_ISCHR(of.mode))
        return std::nullopt;
    if (of.owner != 0)
        return "belongs to user " + std::to_string(of.owner);
    if (of.mode & S_IWOTH)
        return "may be written by everybody";
    if ((of.mode & S_IWGRP) && of.group != 0)
        return "may be written by group " + std::to_string(of.group);
    return std::nullopt;
}

std::optional<std::string> distrust(const std::filesystem::path& file) {
    if (auto reason = examine(file))
        return reason;
    const auto folder = file.parent_path();
    return examine(folder.empty() ? "." : folder);
}

} // namespace aio::base
