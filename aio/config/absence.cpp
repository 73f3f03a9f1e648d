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

bool may_be_there(const std::filesystem::path& path) {
    struct stat found{};
    return ::lstat(path.c_str(), &found) == 0 ||
           (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

bool is_found(const std::filesystem::path& path) {
    struct stat found{};
    return may_be_there(path) ||
           (::lstat(path.c_str(), &found) != 0 && errno == ENOENT && !is_absent(path));
}

} // namespace aio::config
