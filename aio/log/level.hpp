#pragma once

// The level of a record, with Python's names and order.

#include <aio/base/api.hpp>

#include <optional>
#include <string_view>

namespace aio::log {

enum class level : int { trace, debug, info, warning, error, critical, off };

/// "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"; "TRACE" and "OFF" are ours.
AIO_API std::string_view name(level value) noexcept;

/// The level of a name in any case; `WARN`, `FATAL`, `NOTSET` and Python's numbers are taken too.
AIO_API std::optional<level> parse_level(std::string_view text) noexcept;

} // namespace aio::log
