#include <aio/config/absence.hpp>

#include <sys/stat.h>

#include <cerrno>

namespace aio::config {

bool is_absent(const std::filesystem::path& path) {
    struct stat found{};
    std::filesystem::path part = path;
    while (!part.empty() && ::lstat(part.c_str(), &found) != 0) {
        if (errno != ENOENT)
            return false;
        part = part.parent_path();
    }
    // The longest part of the path that exists: only a link to nowhere hides what is below it.
    return part != path && (part.empty() || ::stat(part.c_str(), &found) == 0);
}

presence presence_of(const std::filesystem::path& path) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0)
        return presence::there;
    switch (errno) {
    case EACCES:
        return presence::hidden;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return presence::absent;
    default:
        return presence::there;
    }
}

presence usual_presence_of(const std::filesystem::path& path) {
    const presence found = presence_of(path);
    struct stat again{};
    const bool below_link = found == presence::absent && ::lstat(path.c_str(), &again) != 0 &&
                            errno == ENOENT && !is_absent(path);
    return below_link ? presence::there : found;
}

} // namespace aio::config
