#pragma once

// Checks that a text is UTF-8 without NUL, and guesses the encoding of any other text.

#include <aio/base/api.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::config {

/// The encoding a text probably has when it cannot be meant as UTF-8: its name for people and for
/// iconv. Nothing: no guess. Told by the byte order mark, and without one by where the NULs stand.
struct other_encoding {
    std::string_view name;  ///< "UTF-16"
    std::string_view iconv; ///< "UTF-16LE"
};

AIO_API std::optional<other_encoding> guess_encoding(std::string_view text) noexcept;

/// "convert it: iconv -f UTF-16LE -t UTF-8"
AIO_API std::string conversion_hint(const other_encoding& from);

/// Why a text is not valid: "it is UTF-16, not UTF-8", "it is not UTF-8", "it holds a NUL". Empty:
/// it is valid.
AIO_API std::string no_text(std::string_view text);

} // namespace aio::config
