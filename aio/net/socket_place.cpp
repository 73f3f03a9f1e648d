#include <aio/base/system_reason.hpp>
#include <aio/base/way.hpp>
#include <aio/net/socket_place.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace aio::net {

namespace {

/// The part of a path before its last name, without a slash at its end.
std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    return folder;
}

/// Whether others can replace the folder itself. They may well be able to change what is in it.
bool leads_elsewhere(const std::string& folder) {
    const base::way there = base::follow(folder);
    return there.error != 0 || !there.planted.empty() || there.distrust.has_value();
}

} // namespace

socket_place::socket_place(std::string path) : path_(std::move(path)) {
    if (!path_.starts_with('/'))
        start_ = base::follow(".").path;
    base::way there = base::follow(path_, {}, base::last_link::keep);
    if (!there.planted.empty())
        throw std::runtime_error(there.planted);
    if (there.error != 0)
        throw base::system_failure(
            there.error, fmt::format("{}: folder '{}'", path_, folder_of(path_))
        );
    name_ = std::move(there.name);
    folder_ = std::move(there.folder);
    private_to_us_ = !there.others;
    path_is_safe_ = !there.distrust || !leads_elsewhere(folder_of(path_));
}

base::way socket_place::walk() const {
    return base::follow(path_, start_, base::last_link::keep);
}

std::optional<struct ::stat> socket_place::look() const noexcept {
    struct ::stat found{};
    if (::fstatat(folder(), name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
        return std::nullopt;
    return found;
}

address socket_place::where() const {
    const bool by_folder = !path_is_safe_ && ::access("/proc/self/fd", F_OK) == 0;
    const auto made = address::unix_socket(
        by_folder ? fmt::format("/proc/self/fd/{}/{}", folder(), name_) : path_
    );
    if (!made)
        throw base::system_failure(ENAMETOOLONG, path_);
    return *made;
}

} // namespace aio::net
