#include <aio/base/file_rights.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/log/check_parts.hpp>
#include <aio/log/part_folder.hpp>
#include <aio/log/rotation.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace aio::log {

namespace {

constexpr unsigned mask = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID;

bool has_access_list(const std::string& folder) {
    return ::getxattr(folder.c_str(), base::access_list_name, nullptr, 0) > 0;
}

/// 0, or the errno for this process.
int missing_right(const std::string& path, int right) {
    return ::faccessat(AT_FDCWD, path.c_str(), right, AT_EACCESS) == 0 ? 0 : errno;
}

/// Examines the files of one folder for a user.
class examination {
  public:
    examination(const target& log, const std::optional<base::identity>& user)
        : log_(log), path_(log.way.path.substr(0, log.way.path.rfind('/'))),
          by_mode_(user && user->user != ::geteuid()), user_(user ? *user : base::own_identity()) {
        if (path_.empty())
            path_ = "/";
        ::statx(log.way.folder.get(), "", AT_EMPTY_PATH, mask, &folder_);
    }

    /// Whether another user than this one is going to run the configuration.
    bool for_another() const {
        const std::string& written = log_.kind == target_kind::file ? log_.way.path : path_;
        return !by_mode_ && missing_right(written, W_OK) != 0;
    }

    /// Why nothing can be moved in the folder.
    std::string why_not_folder() const {
        if (by_mode_ && !has_access_list(path_) && !may(folder_, S_IWOTH | S_IXOTH))
            return fmt::format("{} may not rename it in '{}'", who(), path_);
        if (const int error = by_mode_ ? 0 : missing_right(path_, W_OK | X_OK))
            return fmt::format("'{}': {}", path_, base::system_reason(error));
        return fixed(folder_) ? fmt::format("'{}' {}", path_, is_fixed) : "";
    }

    std::string why_not_log() const {
        struct statx found{};
        if (!look_at(log_.way.name, found))
            return {};
        if (!owns(found))
            return fmt::format("{} may not rename it in '{}'", who(), path_);
        return fixed(found) ? fmt::format("it {}", is_fixed) : "";
    }

    /// `action`: "rename" or "remove".
    std::string why_not_part(const std::string& name, std::string_view action) const {
        struct statx found{};
        if (!look_at(name, found))
            return {};
        const std::string shown = fmt::format("'{}/{}'", path_ == "/" ? "" : path_, name);
        if (!S_ISREG(found.stx_mode))
            return shown + (S_ISDIR(found.stx_mode) ? " is a folder" : " is no regular file");
        if ((found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
            return shown + " is a mount point";
        if (!owns(found))
            return fmt::format("{} may not {} {}", who(), action, shown);
        return fixed(found) ? fmt::format("{} {}", shown, is_fixed) : "";
    }

    /// Why a folder above the log keeps the user away, or the log itself.
    std::string why_not_open() const {
        if (!by_mode_)
            return {};
        for (std::size_t end = 1; end != std::string::npos; end = end_of_next(end)) {
            const std::string above = log_.way.path.substr(0, end);
            struct statx found{};
            if (::statx(AT_FDCWD, above.c_str(), 0, mask, &found) == 0 && !has_access_list(above) &&
                !may(found, S_IXOTH))
                return fmt::format("{} may not search '{}'", who(), above);
        }
        struct statx found{};
        if (look_at(log_.way.name, found) && !has_access_list(log_.way.path) &&
            !may(found, S_IWOTH))
            return fmt::format("{} may not write to it", who());
        return {};
    }

    bool has(const std::string& name) const {
        struct statx found{};
        return look_at(name, found);
    }

    /// Why the parts cannot be found.
    std::string why_not_names() const {
        if (by_mode_ && !has_access_list(path_) && !may(folder_, S_IROTH))
            return fmt::format("{} may not read '{}'", who(), path_);
        return {};
    }

    /// Throws std::system_error.
    std::vector<std::string> names() const {
        return part_folder(log_.way.folder, path_, -1).names(log_.way.name);
    }

  private:
    static constexpr std::string_view is_fixed = "is immutable or append-only (chattr)";

    /// The end of the next folder on the path; npos: what follows is the log itself.
    std::size_t end_of_next(std::size_t end) const {
        return log_.way.path.find('/', end == 1 ? 1 : end + 1);
    }

    bool look_at(const std::string& name, struct statx& found) const {
        return ::statx(log_.way.folder.get(), name.c_str(), AT_SYMLINK_NOFOLLOW, mask, &found) == 0;
    }

    std::string who() const {
        return user_.user_name.empty() ? fmt::format("user {}", user_.user) : user_.user_name;
    }

    static bool fixed(const struct statx& file) {
        return (file.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
    }

    /// Whether owner, group and mode give these rights, which are named as those of others.
    bool may(const struct statx& file, mode_t rights) const {
        if (user_.user == 0)
            return true;
        const auto groups = base::groups_of(user_);
        const bool member = std::ranges::find(groups, file.stx_gid) != groups.end();
        const unsigned shift = file.stx_uid == user_.user ? 6 : member ? 3 : 0;
        return (file.stx_mode >> shift & rights) == rights;
    }

    /// In a sticky folder, only the owner of a file moves and removes it.
    bool owns(const struct statx& file) const {
        return user_.user == 0 || (folder_.stx_mode & S_ISVTX) == 0 ||
               folder_.stx_uid == user_.user || file.stx_uid == user_.user;
    }

    const target& log_;
    std::string path_;
    bool by_mode_;
    base::identity user_;
    struct statx folder_{};
};

/// The parts that a turn moves: number 0 of an interrupted turn, and all up to the first number
/// that is free.
std::string
first_stuck(const examination& files, const std::string& name, const rotating_args& args) {
    const auto part = [&](unsigned number) { return fmt::format("{}.{}", name, number); };
    std::string why = files.why_not_part(part(0), "rename");
    for (unsigned number = 1; why.empty() && number <= args.backups; ++number) {
        if (!files.has(part(number)))
            break;
        why = files.why_not_part(part(number), "rename");
    }
    return why;
}

std::string first_kept(const examination& files, const std::string& name, const timed_args& args) {
    if (args.backups == 0)
        return {};
    if (std::string why = files.why_not_names(); !why.empty())
        return why;
    for (const std::string& part : files.names()) {
        if (!is_part_suffix(args, std::string_view(part).substr(name.size())))
            continue;
        if (std::string why = files.why_not_part(part, "remove"); !why.empty())
            return why;
    }
    return {};
}

} // namespace

std::string why_not_reopened(const target& log, const std::optional<base::identity>& user) {
    return user ? examination(log, user).why_not_open() : std::string{};
}

part_obstacles find_obstacles(
    const handler_args& args, const target& log, const std::optional<base::identity>& user
) {
    part_obstacles result;
    const examination files(log, user);
    if (files.for_another())
        return result;
    result.moving = files.why_not_folder();
    if (result.moving.empty())
        result.moving = files.why_not_log();
    if (!result.moving.empty())
        return result;
    if (const auto* sized = std::get_if<rotating_args>(&args))
        result.moving = first_stuck(files, log.way.name, *sized);
    try {
        if (const auto* timed = std::get_if<timed_args>(&args))
            result.removing = first_kept(files, log.way.name, *timed);
    } catch (const std::system_error& e) {
        result.removing = e.what();
    }
    return result;
}

} // namespace aio::log
