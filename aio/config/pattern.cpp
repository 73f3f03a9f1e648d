#include <aio/base/system_reason.hpp>
#include <aio/config/absence.hpp>
#include <aio/config/pattern.hpp>

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

namespace aio::config {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view any_folders = "**";

bool is_folder(const fs::path& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

// Whether a name that a pattern matched is there and is no folder: nothing is below it.
bool is_other_than_folder(const fs::path& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 && !S_ISDIR(found.st_mode);
}

class finder {
  public:
    explicit finder(matches& matches) : to_(matches) {}

    void find(const fs::path& folder, fs::path::iterator part, fs::path::iterator end) {
        const std::string name = part->string();
        const auto next = std::next(part);
        if (is_pattern(name)) {
            if (std::exchange(fixed_, false) && !folder.empty() && is_absent(folder))
                to_.absent_folder = folder.string();
            if (name == any_folders)
                return find_below(folder, next, end);
            for (const std::string& match : matching(folder, name))
                if (next == end || !is_other_than_folder(folder / match))
                    take(folder / match, next, end);
        } else {
            take(folder / *part, next, end);
        }
    }

  private:
    /// In the folder, and in all below it.
    void find_below(const fs::path& folder, fs::path::iterator next, fs::path::iterator end) {
        if (next != end)
            find(folder, next, end);
        for (const std::string& name : matching(folder, "*")) {
            const fs::path path = folder / name;
            struct stat found{};
            if (::lstat(path.c_str(), &found) != 0)
                note_failure(path, errno);
            else if (S_ISDIR(found.st_mode))
                find_below(path, next, end);
            else if (next == end && !is_folder(path))
                take(path, next, end);
        }
    }

    void take(const fs::path& path, fs::path::iterator next, fs::path::iterator end) {
        if (next != end)
            return find(path, next, end);
        struct stat found{};
        // A link whose target is gone counts as found: reading it reports the reason.
        if (::lstat(path.c_str(), &found) == 0)
            to_.paths.push_back(path.string());
        else
            note_failure(path, errno);
    }

    void note_failure(const fs::path& path, int error) {
        if (is_absent(path))
            return;
        to_.failures.emplace_back(
            path.string(),
            error == ENOENT ? "a link in its path has no target" : base::system_reason(error)
        );
    }

    std::vector<std::string> matching(const fs::path& folder, const std::string& pattern) {
        const fs::path opened = folder.empty() ? fs::path{"."} : folder;
        const std::unique_ptr<DIR, int (*)(DIR*)> all{::opendir(opened.c_str()), ::closedir};
        std::vector<std::string> names;
        errno = all ? 0 : errno;
        while (const dirent* found = all ? ::readdir(all.get()) : nullptr) {
            if (::fnmatch(pattern.c_str(), found->d_name, FNM_PERIOD) == 0)
                names.emplace_back(found->d_name);
            errno = 0;
        }
        if (errno != 0)
            note_failure(opened, errno);
        return names;
    }

    matches& to_;
    bool fixed_ = true; ///< no part so far was a pattern
};

} // namespace

bool is_pattern(std::string_view name) noexcept {
    if (name.find_first_of("*?") != std::string_view::npos)
        return true;
    for (std::size_t index = name.find('['); index != std::string_view::npos;
         index = name.find('[', index + 1)) {
        // The first character inside belongs to the set, even a ']'.
        const std::size_t close = name.find(']', index + 2);
        const std::size_t slash = std::min(name.find('/', index), name.size());
        if (close < slash)
            return true;
    }
    return false;
}

std::string named_part(const fs::path& folder, std::string_view pattern) {
    const fs::path parts{pattern};
    fs::path named = parts.is_absolute() ? parts.root_path() : folder;
    for (const fs::path& part : parts.relative_path()) {
        if (is_pattern(part.string()))
            break;
        named /= part;
    }
    return named.string();
}

matches match_files(const fs::path& folder, std::string_view pattern) {
    matches out;
    const fs::path parts{pattern};
    const fs::path relative = parts.relative_path();
    finder{out}.find(
        parts.is_absolute() ? parts.root_path() : folder, relative.begin(), relative.end()
    );
    std::sort(out.paths.begin(), out.paths.end());
    out.paths.erase(std::unique(out.paths.begin(), out.paths.end()), out.paths.end()); // a/**/**/b
    const fs::path literal = folder / parts;
    if (out.paths.empty() && out.failures.empty() && !is_absent(literal))
        out.paths.push_back(literal.string());
    return out;
}

} // namespace aio::config
