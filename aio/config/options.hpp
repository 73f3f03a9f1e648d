#pragma once

// The typed values of a section, read by its schemas. No other code converts the text of options.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/mistake.hpp>
#include <aio/config/schema.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aio::config {

class section;

/// Thrown by options::get for an option that is not declared, or asked for as another type. The
/// text names the option, the section and both types.
struct AIO_API option_error : base::mistake {
    using base::mistake::mistake;
};

/// Typed values of one section. Cheap to copy (shared), immutable.
class AIO_API options {
  public:
    options() = default;

    /// The value given, or the default. Throws option_error for an undeclared option, another type,
    /// or one that has neither value nor default.
    template <typename T>
    T get(std::string_view name) const {
        const typed& found = at(name, typed{typed_as<T>{}}.index());
        return static_cast<T>(std::get<typed_as<T>>(found));
    }

    /// The same; nothing when there is neither value nor default, or when the value is one of the
    /// option's `words` (none, auto, all).
    template <typename T>
    std::optional<T> find(std::string_view name) const {
        const typed* found = look(name, typed{typed_as<T>{}}.index());
        if (!found)
            return std::nullopt;
        return static_cast<T>(std::get<typed_as<T>>(*found));
    }

    /// Written in the configuration (not the default).
    bool given(std::string_view name) const;
    /// The word given instead of a value ("none", "all"), lower case; empty otherwise.
    std::string_view word(std::string_view name) const;
    /// The word or the value, given or default, in one spelling: "90s" for 1m30s, too. Empty when
    /// there is none.
    std::string normal_text(std::string_view name) const;
    /// Where the option was written; the section's header when it was not.
    base::location where(std::string_view name) const;
    /// Any option of the section as text, declared or not (case 45); nothing when absent.
    std::optional<std::string> text(std::string_view name) const;

    /// Where each entry of a list was written, in step with get<list>(name).
    std::vector<base::location> entries_where(std::string_view name) const;

    const std::string& section_name() const;

    struct state;

    explicit options(std::shared_ptr<const state> from) : state_(std::move(from)) {}

  private:
    const typed& at(std::string_view name, std::size_t index) const;
    const typed* look(std::string_view name, std::size_t index) const;

    std::shared_ptr<const state> state_;
};

/// How an option that no schema declares is treated.
enum class unknown {
    error,      ///< strict section: an error with the nearest names
    near_error, ///< a function's own: only an error when it is nearly a declared name
    keep,       ///< accepted
};

/// Reads a section by its schemas, in order (the first that declares a name wins), and reports
/// every unknown, missing, mistyped or out-of-range option. Inherited options ([DEFAULT]) that no
/// schema declares are passed over silently. Options whose interpolation failed are reported
/// already and pass over silently too.
AIO_API options read(
    const section& from,
    std::span<const schema* const> schemas,
    unknown policy,
    base::diagnostics& problems
);

/// The same for a section that was not written at all: the defaults.
AIO_API options defaults(std::string_view section_name, std::span<const schema* const> schemas);

} // namespace aio::config
