#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/way.hpp>

#include <sys/stat.h>

#include <cerrno>

namespace aio::base {

bool is_removed(const descriptor& folder) noexcept {
    struct stat now{};
    return folder && ::fstat(folder.get(), &now) == 0 && now.st_nlink == 0;
}

std::string path_reason(int error, const std::string& path, const std::string& directory) {
    if (error == ENOENT && is_removed(follow(path, directory).folder))
        return "its folder has been removed";
    return system_reason(error);
}

} // namespace aio::base
