#include <aio/base/trust.hpp>
#include <aio/log/target_parts.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

constexpr int most_links = 40; // as the kernel

std::optional<int> number_of(std::string_view text) {
    int number = -1;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = wrong == std::errc{} && end == text.data() + text.size() && number >= 0;
    return whole ? std::optional(number) : std::nullopt;
}

/// "/proc/1/fd/1": what looks like a link there is none that could be followed by its text.
bool is_foreign_descriptor(std::string_view path) {
    const std::size_t fd = path.rfind("/fd/");
    return path.starts_with("/proc/") && fd != path.npos && number_of(path.substr(fd + 4));
}

/// Walks a path part by part, each below the open folder of the one before: what is examined is
/// what is used.
class walk {
  public:
    walk(const std::string& path, const std::string& directory) : shown_(path) {
        const bool absolute = path.starts_with('/');
        enter_first(absolute ? "/" : directory.empty() ? "." : directory.c_str());
        at_ = absolute ? "" : directory;
        while (at_.ends_with('/'))
            at_.pop_back();
        push(path);
        folder_named_ = path.ends_with('/');
    }

    target run() {
        if (const auto number = descriptor_of(shown_))
            finish_descriptor(*number);
        while (!parts_.empty() && !found_) {
            const std::string part = std::move(parts_.back());
            parts_.pop_back();
            if (part == "..")
                go_up();
            else if (part != ".")
                step(part);
        }
        if (!found_ || (folder_named_ && result_.kind != target_kind::descriptor))
            refuse(shown_, EISDIR);
        return std::move(result_);
    }

  private:
    bool last() const { return parts_.empty(); }

    std::string below(const std::string& part) const {
        return at_ + (at_.empty() && !rooted_ ? "" : "/") + part;
    }

    void push(std::string_view path) {
        std::vector<std::string> parts;
        for (std::size_t at = 0; at < path.size();) {
            const std::size_t end = std::min(path.find('/', at), path.size());
            if (end > at)
                parts.emplace_back(path.substr(at, end - at));
            at = end + 1;
        }
        parts_.insert(parts_.end(), parts.rbegin(), parts.rend());
    }

    void enter_first(const char* path) {
        rooted_ = *path == '/';
        enter(AT_FDCWD, path, 0);
    }

    void enter(int from, const char* name, int more) {
        base::descriptor next(::openat(from, name, O_PATH | O_DIRECTORY | O_CLOEXEC | more));
        if (!next)
            refuse(shown_, errno);
        folder_ = std::move(next);
        examine();
    }

    /// A user that may change a folder decides what lies below it.
    void examine() {
        struct stat now{};
        if (distrust_ || ::fstat(folder_.get(), &now) != 0)
            return;
        sticky_ = (now.st_mode & S_ISVTX) != 0;
        const mode_t mode = sticky_ ? now.st_mode & ~mode_t{S_IWGRP | S_IWOTH} : now.st_mode;
        distrust_ = base::distrust(::geteuid(), {now.st_uid, now.st_gid, mode});
    }

    void go_up() {
        enter(folder_.get(), "..", O_NOFOLLOW);
        const std::size_t slash = at_.rfind('/');
        if (slash == at_.npos) // above a relative beginning: the text can only say so
            at_ = at_.empty() && rooted_ ? "" : at_ + "/..";
        else
            at_.resize(slash);
    }

    void step(const std::string& part) {
        const std::string path = below(part);
        if (const auto number = last() ? descriptor_of(path) : std::nullopt)
            return finish_descriptor(*number);
        struct stat now{};
        if (::fstatat(folder_.get(), part.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT || !last())
                refuse(shown_, errno);
            return finish(target_kind::missing, part, path);
        }
        if (S_ISLNK(now.st_mode) && last() && is_foreign_descriptor(path)) {
            finish(target_kind::descriptor, part, path);
            return;
        }
        if (S_ISLNK(now.st_mode))
            return follow(part, path, now.st_uid);
        if (last())
            return finish(kind_of(now.st_mode), part, path);
        enter(folder_.get(), part.c_str(), O_NOFOLLOW);
        at_ = path;
    }

    void follow(const std::string& part, const std::string& path, uid_t owner) {
        std::array<char, PATH_MAX> room{};
        const auto size = ::readlinkat(folder_.get(), part.c_str(), room.data(), room.size());
        if (size <= 0)
            refuse(shown_, size < 0 ? errno : ENOENT);
        if (++links_ > most_links)
            refuse(shown_, ELOOP);
        const std::string_view to(room.data(), static_cast<std::size_t>(size));
        // A link to what is open already gives its maker nothing.
        if (const auto number = last() ? descriptor_of(to) : std::nullopt)
            return finish_descriptor(*number);
        if (const auto why = owner == 0 && !distrust_ ? std::nullopt : planted_here())
            refuse(
                shown_,
                fmt::format("{} is a link, and its folder {}: root does not follow it", path, *why)
            );
        if (to.starts_with('/')) {
            enter_first("/");
            at_.clear();
        }
        push(to);
    }

    /// Why what lies here may be another user's work.
    std::optional<std::string> planted_here() const {
        if (distrust_ || !sticky_ || ::geteuid() != 0)
            return distrust_;
        return "is open to everybody";
    }

    void finish_descriptor(int number) {
        result_.kind = target_kind::descriptor;
        result_.path = shown_;
        result_.number = number;
        found_ = true;
    }

    void finish(target_kind kind, const std::string& part, const std::string& path) {
        result_.kind = kind;
        result_.path = path;
        result_.name = part;
        result_.folder = std::move(folder_);
        result_.distrust = planted_here();
        found_ = true;
    }

    const std::string& shown_;
    std::vector<std::string> parts_; ///< what is left of the path, the next one last
    base::descriptor folder_;
    std::string at_; ///< the folder as text
    bool rooted_ = false;
    bool sticky_ = false;
    bool found_ = false;
    bool folder_named_ = false; ///< the path ends with a slash
    int links_ = 0;
    std::optional<std::string> distrust_;
    target result_;
};

} // namespace

void refuse(const std::string& shown, const std::string& why) {
    throw std::runtime_error(fmt::format("cannot open '{}': {}", shown, why));
}

void refuse(const std::string& shown, int error) {
    throw std::system_error(error, std::generic_category(), fmt::format("cannot open '{}'", shown));
}

target_kind kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return target_kind::file;
    case S_IFIFO:
        return target_kind::pipe;
    case S_IFSOCK:
        return target_kind::socket;
    case S_IFDIR:
        return target_kind::folder;
    default:
        return target_kind::device;
    }
}

std::optional<int> descriptor_of(std::string_view path) {
    constexpr std::array<std::string_view, 3> standard{"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    for (std::size_t number = 0; number < standard.size(); ++number)
        if (path == standard[number])
            return static_cast<int>(number);
    if (path.starts_with("/dev/fd/"))
        return number_of(path.substr(8));
    if (!path.starts_with("/proc/"))
        return std::nullopt;
    path.remove_prefix(6);
    const std::size_t fd = path.rfind("/fd/");
    if (fd == path.npos)
        return std::nullopt;
    const std::string_view whose = path.substr(0, fd);
    const std::string self = std::to_string(::getpid());
    if (whose == "self" || whose == "thread-self" || whose == self ||
        whose.starts_with("self/task/") || whose.starts_with(self + "/task/"))
        return number_of(path.substr(fd + 4));
    return std::nullopt;
}

target find_target(const std::string& path, const std::string& directory) {
    return walk(path, directory).run();
}

} // namespace aio::log
