#pragma once

// From the name of a module to its entry. A module is linked in, or it is loaded from its file
// after every check that needs none of its code. A loaded module stays until the process ends.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/absence.hpp>
#include <aio/module/builtin.hpp>
#include <aio/module/entry.hpp>
#include <aio/module/path.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::module {

class AIO_API loader {
  public:
    loader(path where, std::span<const builtin> linked);

    /// Whether a module of that name is linked in or has a folder on the module path. `hidden`:
    /// only in a folder that may not be searched, if anywhere.
    config::presence presence_of(std::string_view name) const;

    /// Whether it is there or hidden: load() gives the reason why it cannot be loaded.
    bool knows(std::string_view name) const {
        return presence_of(name) != config::presence::absent;
    }

    /// The entry of a module. nullptr: the reason was reported at `wanted`, with the file and what
    /// to do about it. A module that may also be in an earlier folder, which is hidden, is loaded
    /// with a warning.
    const entry*
    load(std::string_view name, const base::location& wanted, base::diagnostics& problems) const;

    /// Reports a module that is absent or hidden, with the nearest name and what was searched.
    void report_unknown(
        std::string_view name, const base::location& wanted, base::diagnostics& problems
    ) const;

    /// The text of the module's aio.conf; nothing when it has none. A file that cannot be read, or
    /// that root must not trust (base/trust), is an error. In messages the text has the path of the
    /// file, or "aio.app/aio.conf" for a linked module. Runs no code of modules.
    std::optional<base::source> defaults(std::string_view name, base::diagnostics& problems) const;

    /// The files of a module. Nothing: no folder of the module path holds any. Library and defaults
    /// of a linked module are empty, because they are no files, and it takes nothing from a hidden
    /// place.
    std::optional<place> files_of(std::string_view name) const;

    /// Whether a module of that name is linked in. A library of the same name is never loaded.
    bool is_linked(std::string_view name) const noexcept { return linked(name) != nullptr; }

    /// The names of all modules, linked or on the module path, sorted.
    std::vector<std::string> names() const;

    /// The module path.
    std::span<const std::filesystem::path> folders() const noexcept { return where_.folders(); }

  private:
    const builtin* linked(std::string_view name) const noexcept;

    path where_;
    std::span<const builtin> linked_;
};

} // namespace aio::module
