#include <aio/base/stranger.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/way.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::base {

namespace {

constexpr int most_links = 40; // as the kernel
constexpr int folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;

std::optional<int> number_of(std::string_view text) {
    int number = -1;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = wrong == std::errc{} && end == text.data() + text.size() && number >= 0;
    return whole ? std::optional(number) : std::nullopt;
}

bool same_file(int left, int right) {
    struct stat a{}, b{};
    return ::fstat(left, &a) == 0 && ::fstat(right, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

bool is_sticky(const descriptor& folder) {
    struct stat now{};
    return ::fstat(folder.get(), &now) == 0 && (now.st_mode & S_ISVTX) != 0;
}

bool is_proc(const descriptor& folder) {
    struct statfs system{};
    return ::fstatfs(folder.get(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

std::string current_folder() {
    std::array<char, PATH_MAX> room{};
    return ::getcwd(room.data(), room.size()) && room[0] == '/' ? room.data() : ".";
}

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

class walk {
  public:
    walk(const std::string& path, last_link last, std::size_t named)
        : shown_(path), last_(last), root_(::geteuid() == 0), named_(named) {}

    way run(const std::string& directory) {
        if (const auto number = named_descriptor(shown_))
            end_at_descriptor(*number);
        else
            begin(directory);
        while (!ended_ && !parts_.empty()) {
            const std::string part = std::move(parts_.back());
            parts_.pop_back();
            if (part == "..")
                go_up();
            else if (part != ".")
                step(part);
        }
        if (!ended_)
            end_in_folder();
        return std::move(result_);
    }

  private:
    bool last() const { return parts_.empty(); }

    std::optional<int> named_descriptor(std::string_view path) const {
        return last_ == last_link::follow ? descriptor_of(path) : std::nullopt;
    }

    void begin(const std::string& directory) {
        if (shown_.empty())
            return fail(ENOENT);
        push(shown_);
        if (named_ != 0)
            found_parts_ =
                parts_in(std::string_view(shown_).substr(std::min(named_, shown_.size())));
        const bool absolute = shown_.starts_with('/');
        if (!absolute)
            push(directory);
        if (absolute || directory.starts_with('/'))
            enter_root();
        else
            enter_current();
    }

    static std::size_t parts_in(std::string_view path) {
        std::size_t count = 0;
        for (std::size_t at = 0; at < path.size(); ++at)
            count += path[at] != '/' && (at == 0 || path[at - 1] == '/');
        return count + path.ends_with('/');
    }

    /// A slash at the end says that the last part is a folder.
    void push(std::string_view path) {
        std::vector<std::string> parts;
        for (std::size_t at = 0; at < path.size();) {
            const std::size_t end = std::min(path.find('/', at), path.size());
            if (end > at)
                parts.emplace_back(path.substr(at, end - at));
            at = end + 1;
        }
        if (path.ends_with('/'))
            parts.emplace_back(".");
        parts_.insert(parts_.end(), parts.rbegin(), parts.rend());
    }

    bool enter(int from, const char* name, int more) {
        descriptor next(::openat(from, name, folder_flags | more));
        if (!next) {
            fail(errno);
            return false;
        }
        result_.folder = std::move(next);
        return true;
    }

    void enter_root() {
        at_.clear();
        if (enter(AT_FDCWD, "/", 0))
            examine();
    }

    /// The current folder needs no name and no right to the folders above it. For root they count,
    /// because what is above decides what the name of this one means.
    void enter_current() {
        if (!enter(AT_FDCWD, ".", 0))
            return;
        at_ = current_folder();
        if (root_)
            examine_upwards();
        if (at_ == "/")
            at_.clear();
    }

    /// Examines the open folder and all above it.
    void examine_upwards() {
        std::string path = at_;
        descriptor here(::openat(result_.folder.get(), ".", folder_flags));
        if (!here)
            return leave_unexamined(path + " cannot be examined");
        for (;;) {
            if (const auto reason = distrust(here))
                result_.distrust = (path.empty() ? "/" : path) + ' ' + *reason;
            descriptor above(::openat(here.get(), "..", folder_flags));
            if (!above)
                return leave_unexamined(path + " lies in a folder that cannot be examined");
            if (same_file(above.get(), here.get()))
                return;
            here = std::move(above);
            path = path == "." ? ".." : path.starts_with("..") ? path + "/.." : parent_of(path);
        }
    }

    /// What is not permitted to be examined is not trusted. For any other reason, such as a lack of
    /// descriptors, the walk fails.
    void leave_unexamined(std::string reason) {
        if (errno != EACCES)
            return fail(errno);
        result_.distrust = std::move(reason);
    }

    /// A user that can change a folder decides what lies below it.
    void examine() {
        if (!root_ || result_.distrust)
            return;
        if (const auto reason = distrust(result_.folder))
            result_.distrust = (at_.empty() ? "/" : at_) + ' ' + *reason;
    }

    void go_up() {
        if (!enter(result_.folder.get(), "..", O_NOFOLLOW))
            return;
        at_ = parent_of(at_);
        examine();
    }

    void step(const std::string& part) {
        judges_ = judges_ || !found_parts_ || parts_.size() < *found_parts_;
        const std::string path = at_ + '/' + part;
        if (const auto number = last() ? named_descriptor(path) : std::nullopt)
            return end_at_descriptor(*number);
        struct stat now{};
        if (::fstatat(result_.folder.get(), part.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT && last() ? end_at(part, path) : fail(errno);
        const bool kept = last() && last_ == last_link::keep;
        if (S_ISLNK(now.st_mode) && !kept)
            return follow_link(part, path);
        if (last()) {
            judge(part, now);
            return end_at(part, path, &now);
        }
        descriptor next(::openat(result_.folder.get(), part.c_str(), folder_flags | O_NOFOLLOW));
        if (!next || ::fstat(next.get(), &now) != 0)
            return fail(errno);
        judge(part, now);
        result_.folder = std::move(next);
        at_ = path;
        examine();
    }

    /// `entry`: what the part is in the open folder.
    void judge(const std::string& part, const struct stat& entry) {
        if (judges_ && !result_.stranger)
            result_.stranger = stranger_in(result_.folder, part, entry);
    }

    void follow_link(const std::string& part, const std::string& path) {
        if (++links_ > most_links)
            return fail(ELOOP);
        const bool process_link = is_proc(result_.folder);
        struct stat now{};
        const descriptor link(
            ::openat(result_.folder.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)
        );
        if (!link || ::fstat(link.get(), &now) != 0)
            return fail(errno);
        judge(part, now);
        std::array<char, PATH_MAX> room{};
        const auto size = ::readlinkat(link.get(), "", room.data(), room.size());
        if (size <= 0)
            return fail(size < 0 ? errno : ENOENT);
        const std::string_view text(room.data(), static_cast<std::size_t>(size));
        const bool refused = is_planted(path, now.st_uid);
        // A link to what is open already gives its maker nothing to write to.
        if (const auto number = last() ? named_descriptor(text) : std::nullopt)
            return end_at_descriptor(*number);
        if (refused)
            return refuse(path);
        if (process_link)
            return follow_process_link(part, path, text);
        follow_text(part, text);
    }

    /// Notes why another user may have made the link.
    bool is_planted(const std::string& path, uid_t owner) {
        if (root_ && !result_.distrust && owner != 0 && is_sticky(result_.folder))
            result_.distrust = fmt::format("{} belongs to user {}", path, owner);
        return result_.distrust.has_value();
    }

    void refuse(const std::string& path) {
        result_.planted = fmt::format(
            "{} is a link, and its folder is not root's alone ({}): root does not follow it",
            path,
            *result_.distrust
        );
        ended_ = true;
    }

    /// The link of a file ends the walk. The link of a folder leads anywhere, so all above that
    /// folder counts, as for the current folder.
    void
    follow_process_link(const std::string& part, const std::string& path, std::string_view text) {
        struct stat now{};
        if (::fstatat(result_.folder.get(), part.c_str(), &now, 0) != 0)
            return fail(errno);
        if (last() && !S_ISDIR(now.st_mode)) {
            result_.process_link = true;
            return end_at(part, path, &now);
        }
        if (!enter(result_.folder.get(), part.c_str(), 0))
            return;
        at_ = text.starts_with('/') ? text : path;
        if (root_)
            examine_upwards();
        if (at_ == "/")
            at_.clear();
    }

    void follow_text(const std::string& part, std::string_view text) {
        struct stat ignored{};
        // The system may forbid it: fs.protected_symlinks.
        if (::fstatat(result_.folder.get(), part.c_str(), &ignored, 0) != 0 && errno == EACCES)
            return fail(EACCES);
        push(text);
        if (text.starts_with('/'))
            enter_root();
    }

    void fail(int error) {
        result_.error = error;
        ended_ = true;
    }

    void end_at_descriptor(int number) {
        result_.own_descriptor = number;
        result_.path = shown_;
        result_.exists = ::fstat(number, &result_.found) == 0;
        result_.folder.reset();
        ended_ = true;
    }

    void
    end_at(const std::string& part, const std::string& path, const struct stat* now = nullptr) {
        result_.name = part;
        result_.path = path;
        result_.exists = now != nullptr;
        if (now)
            result_.found = *now;
        result_.others = result_.distrust;
        if (root_ && !result_.others && is_sticky(result_.folder))
            result_.others = (at_.empty() ? "/" : at_) + " is open to everybody";
        ended_ = true;
    }

    void end_in_folder() {
        struct stat now{};
        if (::fstat(result_.folder.get(), &now) != 0)
            return fail(errno);
        end_at(".", at_.empty() ? "/" : at_, &now);
    }

    const std::string& shown_;
    const last_link last_;
    const bool root_;
    const std::size_t named_;
    std::optional<std::size_t> found_parts_; ///< of the path, those that the user has not named
    bool judges_ = false;                    ///< the walk is beyond what the user has named
    std::vector<std::string> parts_;         ///< what is left of the path, the next one last
    std::string at_;                         ///< the open folder as text; empty: "/"
    int links_ = 0;
    bool ended_ = false;
    way result_;
};

} // namespace

int way::open(int flags, mode_t mode) const noexcept {
    if (own_descriptor) {
        std::array<char, 32> text{"/proc/self/fd/"};
        std::to_chars(text.data() + 14, text.data() + text.size() - 1, *own_descriptor);
        return ::open(text.data(), flags | O_CLOEXEC);
    }
    const int how = flags | O_CLOEXEC | (process_link ? 0 : O_NOFOLLOW);
    return ::openat(folder.get(), name.c_str(), how, mode);
}

std::optional<std::string> way::second_name(const struct stat& file) const {
    if (!others || !S_ISREG(file.st_mode) || file.st_nlink < 2)
        return std::nullopt;
    return fmt::format("the file has a second name, and {}: root does not write to it", *others);
}

std::optional<std::string> way::stranger_of(const struct stat& file) const {
    return stranger ? stranger : stranger_in(folder, name, file);
}

way follow(
    const std::string& path, const std::string& directory, last_link last, std::size_t named
) {
    return walk(path, last, named).run(directory);
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

} // namespace aio::base
