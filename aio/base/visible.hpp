#pragma once

// Text of somebody else, made fit to be shown: in diagnostics, in the log, in lists of tasks.
// Control characters would command a terminal, and a character that leaves no mark would hide what
// is wrong: both are shown as escapes. This is the one set of such characters and the one place
// that escapes them, except in JSON (text.hpp), which has escapes of its own for the same set.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::base {

/// Control characters: U+0000 to U+001F, U+007F to U+009F.
AIO_API bool is_control(char32_t c) noexcept;

/// Characters that print as nothing, or as something that looks like an ordinary blank: zero-width
/// and joining characters, the soft hyphen, marks that change the direction of text, variation
/// selectors, blanks other than the space. Control characters are not among them.
AIO_API bool is_invisible(char32_t c) noexcept;

/// Whether the invisible character at `text[position]` belongs to the spelling of a word: a joiner
/// between two letters of a script that needs it, or inside an emoji. Such a character is shown as
/// it is.
AIO_API bool is_part_of_word(std::string_view text, std::size_t position) noexcept;

/// What becomes of newlines and of blanks. All other characters are shown in the same way
/// everywhere.
enum class layout {
    message,  ///< Newlines stay. A blank other than the space is an escape: it may be the mistake.
    one_line, ///< The same, but a newline is an escape.
    log,      ///< `continuation` follows each newline; those at the end go. Blanks stay.
};

/// Begins every further line of a log message of several lines. No record begins like this.
inline constexpr std::string_view continuation = "    | ";

/// Appends the text as it is to be shown. The bytes of a control character, and bytes that are not
/// UTF-8, become `\x1b`; an invisible character becomes `\u200b`. The tab stays.
AIO_API void append_visible(std::string& out, std::string_view text, layout as);

/// Appends the character at `text[position]`, as in layout::one_line, and returns its number of
/// bytes in `text`.
AIO_API std::size_t append_visible(std::string& out, std::string_view text, std::size_t position);

/// The whole text as it is to be shown.
AIO_API std::string visible(std::string_view text, layout as = layout::message);

/// What a person calls an invisible character: "zero width space". Never empty.
AIO_API std::string_view name_of_invisible(char32_t c) noexcept;

/// The first invisible character of a text that is no part of a word, as a sentence: "\u200b is a
/// zero width space, which cannot be seen: delete it". Empty when there is none.
AIO_API std::string invisible_hint(std::string_view text);

} // namespace aio::base
