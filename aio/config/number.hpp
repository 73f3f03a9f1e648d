#pragma once

// A whole number of a section, from a declared or undeclared option.

#include <aio/base/api.hpp>
#include <aio/config/number_range.hpp>
#include <aio/config/options.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace aio::config {

/// The number in the section, or the declared default; nothing when there is neither, or one of the
/// option's words. Throws std::invalid_argument with the name of the option when it is no number in
/// this range.
AIO_API std::optional<std::int64_t>
whole_number(const options& section, std::string_view name, number_range within);

/// The same of a text.
AIO_API std::int64_t
whole_number_of(std::string_view text, std::string_view name, number_range within);

} // namespace aio::config
