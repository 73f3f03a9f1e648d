#pragma once

// A text as it may stand in a line of the log. What others have sent can end in a message: it
// forges no record and commands no terminal.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::log {

/// What begins every further line of a message of several lines. No record begins like this.
inline constexpr std::string_view continuation = "    | ";

/// Appends the text. Its line ends stay, each with `continuation` behind it; those at its end go.
/// Control characters but the tab, other separators of lines, marks that turn the direction of
/// writing, and bytes that are no UTF-8 are shown as \x1b or \u202e.
AIO_API void append_line_text(std::string& to, std::string_view text);

/// True for characters that are shown escaped: one cannot see them, or they move what is seen.
AIO_API bool is_hidden(char32_t character) noexcept;

} // namespace aio::log
