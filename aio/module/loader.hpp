#pragma once

// From a module's name to its entry: linked in, or loaded from its file after every check that can
// be made without running it. A loaded module stays until the process ends.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/module/builtin.hpp>
#include <aio/module/entry.hpp>
#include <aio/module/path.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::module {

class AIO_API loader {
  public:
    loader(path where, std::span<const builtin> linked);

    /// A module of that name is linked in, or has a folder on the module path.
    bool knows(std::string_view name) const;

    /// The module's entry. Nothing: why not was said at `wanted`, naming the file and what to do.
    const entry*
    load(std::string_view name, const base::location& wanted, base::diagnostics& to) const;

    /// The text of the module's aio.conf; nothing when it has none. One that cannot be read, or
    /// that root must not trust (base/trust), is an error. Its name in messages is the file's path,
    /// for a linked one "aio.app/aio.conf". Runs no module code.
    std::optional<base::source> defaults(std::string_view name, base::diagnostics& to) const;

    /// Every module there is, sorted: linked ones, then those of the path.
    std::vector<std::string> names() const;

    const path& where() const noexcept { return where_; }

  private:
    const builtin* linked(std::string_view name) const noexcept;

    path where_;
    std::span<const builtin> linked_;
};

} // namespace aio::module
