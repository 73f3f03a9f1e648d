#pragma once

// From a dotted name in the configuration to what a module registered under it.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/registry.hpp>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace aio::module {

/// Calls a module's entry so that it registers in a registry. The builder that modules see is put
/// together on a higher floor, so that floor hands the call in.
using setup_call = std::function<void(const entry& of, registry& into)>;

/// Loads modules on demand, each once, into one registry.
class AIO_API resolver {
  public:
    /// `from` and `to` outlive it.
    resolver(const loader& from, registry& to, setup_call setup);

    /// Loads and sets up a module. False: why was said at `at`, or, from the second time on, where
    /// it was said first. Again is cheap.
    bool load(std::string_view module, const base::location& at, base::diagnostics& to);

    /// The same without a word: what is wrong is said at the first place that load()s or uses it.
    void preload(std::string_view module) { try_to_load(module); }

    /// What a name stands for, of one of the kinds wanted. The module is the longest beginning of
    /// the name that is one. Nothing: why was said at `at`, with the nearest names or the kind it
    /// has instead.
    const item* find(
        std::string_view name,
        std::span<const std::string_view> kinds,
        const base::location& at,
        base::diagnostics& to
    );

    const item* find(
        std::string_view name,
        std::string_view kind,
        const base::location& at,
        base::diagnostics& to
    ) {
        return find(name, std::span(&kind, 1), at, to);
    }

    /// What modules registered so far.
    const registry& items() const noexcept { return *to_; }

  private:
    const base::diagnostics& try_to_load(std::string_view module);
    void tell(
        std::string_view module,
        const base::diagnostics& wrong,
        const base::location& at,
        base::diagnostics& to
    );
    void unknown(
        std::string_view name,
        std::string_view module,
        std::span<const std::string_view> kinds,
        const base::location& at,
        base::diagnostics& to
    );

    const loader* from_;
    registry* to_;
    setup_call setup_;
    std::map<std::string, base::diagnostics, std::less<>> tried_; ///< module -> what went wrong
    std::map<std::string, base::location, std::less<>> told_;     ///< and where that was said first
};

} // namespace aio::module
