#pragma once

// From a dotted name in the configuration to what a module registered under it.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/registry.hpp>

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace aio::module {

/// Calls the entry of a module, which registers its items. The builder that modules see belongs to
/// a higher floor, so that floor passes the call in.
using setup_call = std::function<void(const entry& module, registry& items)>;

/// Loads modules on demand, each once, into one registry.
class AIO_API resolver {
  public:
    /// The loader and the registry outlive the resolver.
    resolver(const loader& modules, registry& items, setup_call setup);

    /// Loads a module and sets it up, once. False: it cannot be loaded; the reason was reported at
    /// the place that asked for this module first, and is not reported again.
    bool load(std::string_view module, const base::location& place, base::diagnostics& problems);

    /// The same without a report: the first load() or find() that needs the module reports.
    void preload(std::string_view module) { try_to_load(module); }

    /// The item that `name` stands for, of one of the `kinds`. Its module is the longest beginning
    /// of the name that is a module and is not hidden (loader::presence_of()). nullptr: the reason
    /// was reported at `place`, with the nearest names or the kind that the item has instead; a
    /// module that cannot be loaded is reported once, see load().
    const item* find(
        std::string_view name,
        std::span<const std::string_view> kinds,
        const base::location& place,
        base::diagnostics& problems
    );

    const item* find(
        std::string_view name,
        std::string_view kind,
        const base::location& place,
        base::diagnostics& problems
    ) {
        return find(name, std::span(&kind, 1), place, problems);
    }

    /// The same without a report, now or later: whether there is such an item.
    const item* look(std::string_view name, std::string_view kind);

    /// What modules registered so far.
    const registry& items() const noexcept { return *registry_; }

  private:
    const base::diagnostics& try_to_load(std::string_view module);
    void tell(
        std::string_view module,
        const base::diagnostics& wrong,
        const base::location& place,
        base::diagnostics& problems
    );
    const item* checked(
        const item& found,
        std::string_view module,
        std::span<const std::string_view> kinds,
        const base::location& place,
        base::diagnostics& problems
    );
    bool offers_near(
        std::string_view module, std::string_view name, std::span<const std::string_view> kinds
    ) const;
    void unknown(
        std::string_view name,
        std::string_view module,
        std::span<const std::string_view> kinds,
        const base::location& place,
        base::diagnostics& problems
    );

    const loader* loader_;
    registry* registry_;
    setup_call setup_;
    std::map<std::string, base::diagnostics, std::less<>>
        tried_; ///< module -> what is wrong with it
    /// Unknown module -> the message, which takes a search through all folders.
    std::map<std::string, base::diagnostics, std::less<>> unknown_;
    std::set<std::string, std::less<>> told_; ///< modules of which tell() has told
};

} // namespace aio::module
