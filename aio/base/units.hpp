#pragma once

// The value types an option can have beyond those of the language, and how they are written.
// Parsers return nothing for text that is not exactly one value; they never throw.

#include <aio/base/api.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::base {

using duration = std::chrono::nanoseconds;

/// A number of bytes: `512`, `64k`, `1M`, `2G` (powers of 1024; `kB`, `KiB` too, any case).
struct size {
    std::uint64_t bytes = 0;

    friend auto operator<=>(const size&, const size&) = default;
};

/// Events per second: `10/s`, `100/m`, `100/h`, `1333/d`, `1.5` (per second).
struct rate {
    double per_second = 0;

    friend auto operator<=>(const rate&, const rate&) = default;
};

/// One of a closed set of words; compared without case.
struct choice {
    std::string value;
    std::vector<std::string> allowed;

    friend bool operator==(const choice&, const choice&) = default;
};

/// One entry a line.
using list = std::vector<std::string>;

/// `2`, `2.5`, `2s`, `500ms`, `100us`, `1m30s`, `2h`, `1d`; a bare number is seconds. Blanks around
/// and between the parts are allowed; not negative; units at most once each, in falling order.
/// Nothing for text that is not a duration or overflows 292 years.
AIO_API std::optional<duration> parse_duration(std::string_view text);
AIO_API std::optional<size> parse_size(std::string_view text);
AIO_API std::optional<rate> parse_rate(std::string_view text);
/// `1 yes true on` / `0 no false off`, any case, blanks around allowed.
AIO_API std::optional<bool> parse_boolean(std::string_view text);
/// ASCII decimal digits with an optional sign, single underscores between digits.
AIO_API std::optional<std::int64_t> parse_integer(std::string_view text);
/// Decimal with optional fraction and exponent; no `inf`, no `nan`, no hexadecimal.
AIO_API std::optional<double> parse_real(std::string_view text);
/// Lines stripped, empty ones dropped.
AIO_API list parse_list(std::string_view text);

/// The shortest text that reads back as the same value: `1m30s`, `500ms`, `2s`.
AIO_API std::string format(duration value);
AIO_API std::string format(size value);
AIO_API std::string format(rate value);

} // namespace aio::base
