#pragma once

// What modules offer: dotted name -> (kind, callable, options). The registry knows no kind by its
// type: the callable is a std::any, and only the folder of its kind unpacks it.

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::module {

/// One thing a module registered.
struct item {
    std::string kind;   ///< "schedule", "listener", "protocol", "factory", "command", ...
    std::string name;   ///< full dotted name: "my.example.tick"
    std::string module; ///< "my.example"
    std::any object;    ///< the callable, as the folder of the kind packed it
    config::schema options;
    std::string help;
};

/// What a registration returns. It declares the options of what was registered, by chaining.
///
///     module.schedule("tick", tick).option("grace", 5s, "how long to wait").help("Logs a tick");
class AIO_API registration {
  public:
    explicit registration(item& registered) : item_(&registered) {}

    template <typename T>
    registration& option(std::string_view name, T standard, std::string_view help = {}) {
        if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(std::int64_t))
            check_range(name, std::in_range<std::int64_t>(standard));
        const auto replaced = take(name);
        item_->options.option(name, std::move(standard), help);
        return keep_range(replaced);
    }

    /// Names and helps are texts: nullptr would only be found when the module is loaded.
    template <typename T>
    registration& option(std::string_view name, T standard, std::nullptr_t) = delete;
    template <typename... T>
    registration& option(std::nullptr_t, T...) = delete;

    template <typename T>
    registration& required(std::string_view name, std::string_view help = {}) {
        const auto replaced = take(name);
        item_->options.required<T>(name, help);
        return keep_range(replaced);
    }

    template <typename T>
    registration& required(std::string_view name, std::nullptr_t) = delete;
    template <typename T, typename... More>
    registration& required(std::nullptr_t, More...) = delete;

    /// Declares the options that a base class of T declares for all its derived classes, by a
    /// public static member `declare_options(config::schema&)`. An option of the same name that is
    /// declared afterwards replaces the first one and keeps its range.
    template <typename T>
    registration& options_of() {
        if constexpr (requires(config::schema& target) { T::declare_options(target); })
            T::declare_options(item_->options);
        return *this;
    }

    /// Makes the option that was declared last a secret: it prints as ******** everywhere.
    registration& secret() {
        item_->options.secret();
        return *this;
    }

    registration& help(std::string_view text) {
        item_->help = text;
        return *this;
    }

    registration& help(std::nullptr_t) = delete;

  private:
    void check_range(std::string_view name, bool fits) const;
    std::optional<config::option> take(std::string_view name);
    registration& keep_range(const std::optional<config::option>& replaced);

    item* item_;
};

/// All items of all modules of one app. Not thread-safe: it is filled while the app is planned, and
/// only read afterwards.
class AIO_API registry {
  public:
    /// Throws: std::logic_error when the name is taken, which is a mistake of the module.
    item& add(item registered);
    const item* find(std::string_view dotted) const noexcept;
    /// All dotted names of a kind, sorted. Empty: of all kinds.
    std::vector<std::string> names(std::string_view kind = {}) const;
    std::vector<const item*> of_module(std::string_view module) const;

    /// What a module says about itself, for `aio module show` and for messages about names it does
    /// not offer. Empty: nothing.
    void describe(std::string_view module, std::string_view text);
    std::string_view description_of(std::string_view module) const noexcept;

  private:
    std::map<std::string, std::unique_ptr<item>, std::less<>> items_;
    std::map<std::string, std::string, std::less<>> descriptions_;
};

/// The registry for one module: adds the name of the module to what is registered.
class AIO_API registrar {
  public:
    registrar(registry& target, std::string module)
        : target_(&target), module_(std::move(module)) {}

    registration add(std::string_view kind, std::string_view name, std::any object);

    /// See registry::describe().
    void describe(std::string_view text) { target_->describe(module_, text); }

    const std::string& module() const noexcept { return module_; }

  private:
    registry* target_;
    std::string module_;
};

} // namespace aio::module
