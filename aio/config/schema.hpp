#pragma once

// The options a section can have, declared once as data. Checks, typed values, defaults, `aio
// config schema` and the hints for misspelled names are all derived from it.

#include <aio/base/api.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/units.hpp>
#include <aio/config/number_range.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace aio::config {

/// The closed set of types an option can have. The alternatives' order is the order of `types`.
using typed = std::variant<
    std::monostate, // not given, no default
    bool,
    std::int64_t,
    double,
    std::string,
    base::duration,
    base::size,
    base::rate,
    base::list,
    base::choice>;

enum class type { none, boolean, integer, real, string, duration, size, rate, list, choice };

/// "a duration such as 500ms or 1m30s": for messages and help.
AIO_API std::string_view describe(type value_type);

/// "duration", "whole number": one word or two for listings.
AIO_API std::string_view name_of(type value_type);

/// A typed value as it would be written in a file; lists one entry a line.
AIO_API std::string to_text(const typed& value);

/// A mistake inside of the text of an option.
struct text_mistake {
    std::size_t offset = 0; ///< in the text
    std::string text;
    std::string hint; ///< empty: none
};

/// Returns what is wrong inside of a text; nothing when it is good.
using text_check = std::vector<text_mistake> (*)(std::string_view text);

/// What an option asks of another one of its section. It is a warning when that is missing, because
/// code may set the other one.
struct option_need {
    std::string when;   ///< the value with which it asks; empty: any
    std::string option; ///< folded
    std::string value;  ///< that the other one has to have; empty: any
};

/// One declared option.
struct option {
    std::string name; ///< folded
    type value_type = type::string;
    typed standard; ///< the default; monostate: none
    bool required = false;
    bool secret = false;
    bool filled = false;               ///< written, it has a value: text, list
    std::optional<double> least, most; ///< range; seconds, bytes, per second for those types
    std::vector<std::string> allowed;  ///< for choice
    std::vector<std::string> words; ///< words taken instead of a value of the type: none, auto, all
    text_check check = nullptr;     ///< of a text that has its type
    std::vector<option_need> needs; ///< when it is written in the section itself
    std::string help;
    std::string reserved; ///< not empty: "not in this version" and why
};

/// A single character: it would silently become a number.
template <typename T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

/// Maps a C++ type to its alternative: integers to int64, C strings to string, chrono durations.
/// Throws: base::mistake for a C string that is a null pointer.
template <typename T>
auto to_typed(T&& value) {
    using U = std::remove_cvref_t<T>;
    if constexpr (std::is_null_pointer_v<U>) {
        static_assert(
            !std::is_null_pointer_v<U>,
            "nullptr is no default of an option: write required<std::string>(name, help) for an "
            "option without a default, or \"\" for an empty text"
        );
        return std::monostate{};
    } else if constexpr (is_character<U>) {
        static_assert(!is_character<U>, "an option is a text, not a character: write \"x\"");
        return std::monostate{};
    } else if constexpr (std::is_same_v<U, bool>)
        return bool{value};
    else if constexpr (std::is_integral_v<U>)
        return static_cast<std::int64_t>(value);
    else if constexpr (std::is_floating_point_v<U>)
        return static_cast<double>(value);
    else if constexpr (std::is_convertible_v<U, base::duration>)
        return base::duration{value};
    else if constexpr (std::is_pointer_v<U> && std::is_convertible_v<U, std::string_view>)
        return value ? std::string{value}
                     : throw base::mistake("an option's default is a null pointer");
    else if constexpr (std::is_convertible_v<U, std::string_view>)
        return std::string{std::string_view{value}};
    else {
        static_assert(
            std::is_same_v<U, base::size> || std::is_same_v<U, base::rate> ||
                std::is_same_v<U, base::list> || std::is_same_v<U, base::choice>,
            "an option is a bool, integer, double, string, duration, size, rate, list or choice"
        );
        return U(std::forward<T>(value));
    }
}

template <typename T>
using typed_as = decltype(to_typed(std::declval<T>()));

/// Options in the order they were declared. Chainable:
///
///     schema{}.add("every", type::duration, "period, start to start").least(0.001).required();
///     schema{}.option("grace", 5s, "how long to wait");
class AIO_API schema {
  public:
    /// Declares an option whose type is that of its default.
    template <typename T>
    schema& option(std::string_view name, T standard, std::string_view help = {}) {
        return add(name, typed{to_typed(std::move(standard))}, help);
    }

    /// Deleted, so that nullptr as the help is an error of the compiler.
    template <typename T>
    schema& option(std::string_view name, T standard, std::nullptr_t) = delete;

    /// Declares an option of type T that has to be given.
    template <typename T>
    schema& required(std::string_view name, std::string_view help = {}) {
        add(name, typed{typed_as<T>{}}, help);
        return required();
    }

    /// Declares an option of a type without a default.
    schema& add(std::string_view name, type value_type, std::string_view help);
    schema& add(std::string_view name, typed standard, std::string_view help);

    /// Declares an option that was declared elsewhere.
    schema& declare(struct option option);

    // What follows changes the option declared last.
    schema& required();
    schema& secret();
    /// Empty is a mistake, not "not set": for what would otherwise be less secure without a word.
    schema& filled();
    schema& least(double value);
    schema& most(double value);
    schema& within(number_range range);
    schema& words(std::vector<std::string> instead);
    schema& allowed(std::vector<std::string> words);
    /// A text with a mistake counts as not set, and each mistake is reported at its place.
    schema& check(text_check wrong);
    schema& reserved(std::string_view why);

    /// Names fold.
    const struct option* find(std::string_view name) const noexcept;

    const std::vector<struct option>& all() const noexcept { return options_; }

  private:
    std::vector<struct option> options_;
};

} // namespace aio::config
