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

/// Words of letters, digits and underscores between dots, none starting with a digit: what a
/// module, and everything it registers, can be called. Such a name never leaves the module path.
AIO_API bool valid_name(std::string_view name) noexcept;

/// The last word: "example" of "my.example".
AIO_API std::string_view last_word(std::string_view name) noexcept;

/// A module's folder and what was found in it. A path is empty when the file is not there.
struct place {
    std::string name;               ///< "my.example"
    std::filesystem::path folder;   ///< …/my/example
    std::filesystem::path library;  ///< …/my/example/example.so
    std::filesystem::path defaults; ///< …/my/example/aio.conf
    std::filesystem::path tests;    ///< …/my/example/example.test.so
};

/// The folders that are searched, in order: the first that holds a module wins.
class AIO_API path {
  public:
    explicit path(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

    /// The module of that name; nothing when no folder holds a library or defaults for it.
    std::optional<place> find(std::string_view name) const;

    /// Every module that has a library, by name. Folders that cannot be read are passed over.
    std::vector<place> all() const;

    std::span<const std::filesystem::path> folders() const noexcept { return folders_; }

  private:
    std::vector<std::filesystem::path> folders_;
};

/// The modules that came with this aio: `aio/modules` beside the library this code lies in.
AIO_API std::filesystem::path installed_modules();

} // namespace aio::module
