#include <aio/base/new_file.hpp>
#include <aio/cli/module_files.hpp>

#include <fmt/format.h>

#include <ranges>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::cli {

namespace {

namespace fs = std::filesystem;

/// Removes what was made, the last first, unless it is kept. A folder that holds something of
/// somebody else stays.
class made_paths {
  public:
    made_paths() = default;
    made_paths(const made_paths&) = delete;
    made_paths& operator=(const made_paths&) = delete;

    ~made_paths() {
        std::error_code stays;
        for (const fs::path& one : std::views::reverse(paths_))
            fs::remove(one, stays);
    }

    void add(fs::path one) { paths_.push_back(std::move(one)); }

    void keep() noexcept { paths_.clear(); }

  private:
    std::vector<fs::path> paths_;
};

/// Why the folder cannot take a new module; empty when it can.
std::string unfit(const fs::path& folder) {
    std::error_code failed;
    const fs::file_status found = fs::status(folder, failed);
    if (!fs::exists(found))
        return {};
    if (!fs::is_directory(found))
        return "Not a directory";
    const bool empty = fs::is_empty(folder, failed);
    if (failed)
        return failed.message();
    return empty ? "" : "it exists and is not empty";
}

/// Makes a folder with all above it.
std::error_code make_folders(const fs::path& folder, made_paths& made) {
    fs::path whole;
    for (const fs::path& part : folder) {
        whole /= part;
        std::error_code failed;
        if (fs::is_directory(whole, failed))
            continue;
        if (fs::create_directory(whole, failed))
            made.add(whole);
        if (failed == std::errc::file_exists)
            return std::make_error_code(std::errc::not_a_directory);
        if (failed)
            return failed;
    }
    return {};
}

std::string cannot(const fs::path& path, const char* what, const std::string& why) {
    return fmt::format("{} cannot be {}: {}", path.string(), what, why);
}

} // namespace

std::string write_module(const fs::path& folder, std::span<const skeleton_file> files) {
    if (const std::string why = unfit(folder); !why.empty())
        return cannot(folder, "the folder of a module", why);
    made_paths made;
    if (const std::error_code failed = make_folders(folder, made))
        return cannot(folder, "made", failed.message());
    for (const skeleton_file& one : files) {
        const fs::path path = folder / one.path;
        if (const std::string why = base::write_new_file(path, one.text); !why.empty())
            return cannot(path, "written", why);
        made.add(path);
    }
    made.keep();
    return {};
}

} // namespace aio::cli
