#pragma once

// Small text functions that every folder uses.

#include <aio/base/api.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::base {

/// Text without the blanks at both ends; blanks are the Unicode white space of the INI dialect.
AIO_API std::string_view strip(std::string_view text) noexcept;

/// Converts ASCII letters only.
AIO_API std::string lower_ascii(std::string_view text);
AIO_API bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The pieces between newlines, empty ones included; "" is one empty line.
AIO_API std::vector<std::string_view> lines(std::string_view text);

/// Pieces between separators, stripped, empty ones dropped.
AIO_API std::vector<std::string> split(std::string_view text, char separator);
AIO_API std::string join(std::span<const std::string> parts, std::string_view separator);

/// Optimal string alignment distance (Damerau 1964, as restricted by Oommen and Loke 1997), in
/// code points: insertions, deletions, substitutions and swaps of neighbours cost one each.
AIO_API std::size_t edit_distance(std::string_view a, std::string_view b);

/// True when `name` is probably a misspelling of `known`: equal but for case and for what an eye
/// does not see (seeming(), lookalike.hpp), two neighbouring letters swapped, one edit in names of
/// five letters or more, two from nine. Edits are not looked for in names of more than 256 bytes.
AIO_API bool nearly(std::string_view name, std::string_view known);

/// Up to `most` candidates that are near, nearest first; for "did you mean". More generous than
/// nearly(): equal but for case and for what an eye does not see, distance at most two (one in
/// names of three letters) or a third of the length, or one being the beginning of the other. Names
/// of more than 256 bytes are not compared.
AIO_API std::vector<std::string>
nearest(std::string_view name, std::span<const std::string> candidates, std::size_t most = 3);

/// "did you mean 'a'?", "did you mean 'a', 'b' or 'c'?", empty when there is none.
AIO_API std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// Code points in valid UTF-8 (each invalid byte counts as one).
AIO_API std::size_t code_points(std::string_view text) noexcept;

/// Appends text as the inside of a JSON string. Control characters and those that cannot be seen
/// (visible.hpp) are written as escapes, which mean the same; a byte that is not UTF-8 as U+FFFD.
AIO_API void append_json(std::string& out, std::string_view text);

/// The same with quotes around it.
AIO_API std::string json_quote(std::string_view text);

} // namespace aio::base
