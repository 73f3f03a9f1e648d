#pragma once

// The patterns of `[aio] include`: `conf.d/*.conf`. Only the text of the option is a pattern, never
// the folder that it is relative to.

#include <aio/base/api.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::config {

/// Whether a name holds `*`, `?` or a closed `[…]`; without them it names one file.
AIO_API bool is_pattern(std::string_view name) noexcept;

struct matches {
    std::vector<std::string> paths; ///< sorted
    /// Folders that could not be looked into, each with the reason; also a link that leads nowhere,
    /// and a folder's name that is the name of a file. A folder that is absent (config/absence)
    /// holds nothing, which is no failure.
    std::vector<std::pair<std::string, std::string>> failures;
    /// The folder in front of the first part with `*`, `?` or `[…]`, when it is absent. Empty: it
    /// is there.
    std::string absent_folder;
};

/// The files that match a pattern relative to a folder. `*`, `?` and `[…]` match within one folder
/// and, at its beginning, no dot. A part `**` stands for any number of folders, also none; at the
/// end it stands for all files in them. It takes no link to a folder, and no hidden folder. A
/// pattern that matches nothing stands for itself when a file of exactly that name is there:
/// `[1].conf`.
AIO_API matches match_files(const std::filesystem::path& folder, std::string_view pattern);

/// The folder in front of the first part with `*`, `?` or `[…]`, as the beginning of the paths that
/// match: what the user has named of them.
AIO_API std::string named_part(const std::filesystem::path& folder, std::string_view pattern);

} // namespace aio::config
