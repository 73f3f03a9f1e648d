#pragma once

// Where modules lie: `my.example` is the folder my/example of a folder of the module path.

#include <aio/base/api.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::module {

/// Whether a module, or what it registers, can have this name: words of letters, digits and
/// underscores between dots, of which none starts with a digit. Such a name never leads out of the
/// module path.
AIO_API bool valid_name(std::string_view name) noexcept;

/// The last word: "example" of "my.example".
AIO_API std::string_view last_word(std::string_view name) noexcept;

/// The folder of a module and the files in it. The path of a file that does not exist is empty.
/// What has the name of a file may be something else, such as a pipe or a link that leads nowhere.
struct place {
    std::string name;               ///< "my.example"
    std::filesystem::path folder;   ///< …/my/example
    std::filesystem::path library;  ///< …/my/example/example.so
    std::filesystem::path defaults; ///< …/my/example/aio.conf
    std::filesystem::path tests;    ///< …/my/example/example.test.so
    /// A folder on the way may not be searched: the library, whose path is set, is not known to
    /// exist. Without a library, the same of the defaults.
    bool hidden = false;
    /// The folder of the same module that comes earlier and is hidden; empty: there is none.
    std::filesystem::path passed_over;
};

/// The folders that are searched, in this order. The first that holds a module wins.
class AIO_API path {
  public:
    explicit path(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

    /// The module of that name. Nothing when no folder holds its library or its defaults. A hidden
    /// place is passed over, and is the answer only when no later folder holds the module: an
    /// attempt to read its files gives the reason.
    std::optional<place> find(std::string_view name) const;

    /// All modules that have a library, sorted by name. Folders that cannot be read or searched are
    /// passed over.
    std::vector<place> all() const;

    std::span<const std::filesystem::path> folders() const noexcept { return folders_; }

  private:
    std::vector<std::filesystem::path> folders_;
};

/// The folder of the modules that came with this aio: `aio/modules` beside this library.
AIO_API std::filesystem::path installed_modules();

} // namespace aio::module
