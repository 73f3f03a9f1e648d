#pragma once

// Finds characters in a parsed text that are surely a mistake: NULs, and invisible characters in
// names.

#include <aio/config/document.hpp>

#include <cstddef>
#include <string_view>

namespace aio::config {

/// Line and column of a byte of a text. A byte order mark counts as a column.
place place_in(std::string_view text, std::size_t offset) noexcept;

/// Whether the name of a section or option holds a control character or an invisible one. Tabs and
/// the blanks of scripts that use wide ones do not count.
bool is_unseen_in_name(std::string_view name) noexcept;

/// The offset of the first control character or invisible one of a value that is no part of a word;
/// npos when there is none. Tabs and line ends do not count, and neither do the no-break space and
/// the ideographic space: writers of sentences mean them.
std::size_t find_unseen_in_value(std::string_view value) noexcept;

/// Adds a problem for the first NUL of the text, for each name of a section or option that holds a
/// control character or an invisible one, and a warning for each value that holds an invisible one
/// that is no part of a word. Blanks inside a value are allowed.
void find_unseen(document& parsed);

} // namespace aio::config
