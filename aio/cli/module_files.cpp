#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/way.hpp>
#include <aio/cli/module_files.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ranges>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace aio::cli {

namespace {

namespace fs = std::filesystem;

/// Removes what was made, the last first, unless it is kept. A folder that holds other
/// files stays.
class made_names {
  public:
    made_names() = default;
    made_names(const made_names&) = delete;
    made_names& operator=(const made_names&) = delete;

    ~made_names() {
        for (const entry& made : std::views::reverse(entries_))
            std::ignore = ::unlinkat(made.folder.get(), made.name.c_str(), made.flags);
    }

    void add_folder(base::descriptor folder, std::string name) {
        entries_.push_back({std::move(folder), std::move(name), AT_REMOVEDIR});
    }

    void add_file(int folder, std::string name) {
        entries_.push_back(
            {base::descriptor(::fcntl(folder, F_DUPFD_CLOEXEC, 0)), std::move(name), 0}
        );
    }

    void keep() noexcept { entries_.clear(); }

  private:
    struct entry {
        base::descriptor folder;
        std::string name;
        int flags;
    };

    std::vector<entry> entries_;
};

/// Makes the last part of a path if it is missing. Returns what went wrong, or an empty text.
std::string make_folder(const fs::path& path, made_names& made) {
    base::way there = base::follow(path);
    if (!there.planted.empty())
        return there.planted;
    if (there.error != 0)
        return base::path_reason(there.error, path);
    if (there.exists)
        return S_ISDIR(there.found.st_mode) ? "" : base::system_reason(ENOTDIR);
    if (!there.folder)
        return base::system_reason(ENOENT);
    if (::mkdirat(there.folder.get(), there.name.c_str(), 0777) != 0)
        return base::path_reason(errno, path);
    made.add_folder(std::move(there.folder), there.name);
    return {};
}

/// Whether nothing is in an open folder; the system's reason when that cannot be seen.
std::string unfit(const base::descriptor& folder) {
    base::descriptor copy(::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0));
    DIR* const entries = copy ? ::fdopendir(copy.get()) : nullptr;
    if (!entries)
        return base::system_reason(errno);
    std::ignore = copy.release();
    bool empty = true;
    errno = 0;
    while (const dirent* const found = ::readdir(entries)) {
        const std::string_view name = found->d_name;
        empty = empty && (name == "." || name == "..");
    }
    const int error = errno;
    ::closedir(entries);
    if (error != 0)
        return base::system_reason(error);
    return empty ? "" : "it exists and is not empty";
}

std::string cannot(const fs::path& path, const char* what, const std::string& why) {
    return fmt::format("{} cannot be {}: {}", path.string(), what, why);
}

} // namespace

std::string write_module(const fs::path& folder, std::span<const skeleton_file> files) {
    made_names made;
    fs::path path;
    for (const fs::path& part : folder) {
        path /= part;
        if (const std::string why = make_folder(path, made); !why.empty())
            return cannot(folder, "made", why);
    }
    const base::descriptor opened(base::follow(folder).open(O_RDONLY | O_DIRECTORY));
    if (!opened)
        return cannot(folder, "the folder of a module", base::system_reason(errno));
    if (const std::string why = unfit(opened); !why.empty())
        return cannot(folder, "the folder of a module", why);
    for (const skeleton_file& file : files) {
        const std::string why = base::write_new_file(opened.get(), file.path, file.text);
        if (!why.empty())
            return cannot(folder / file.path, "written", why);
        made.add_file(opened.get(), file.path);
    }
    made.keep();
    return {};
}

} // namespace aio::cli
