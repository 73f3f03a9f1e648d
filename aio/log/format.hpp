#pragma once

// Turns a record into the text of its line. Made once for each handler when logging is configured.
// Not thread-safe: the handler calls it under its lock.

#include <aio/base/api.hpp>
#include <aio/log/record.hpp>
#include <aio/log/spec.hpp>

#include <memory>
#include <string>

namespace aio::log {

class AIO_API format {
  public:
    virtual ~format();
    /// Appends the line, without a newline at its end.
    virtual void write(const record& record, std::string& out) = 0;
};

/// What the lines are written to. Automatic colours are on for a terminal only.
enum class format_target { terminal, other };

/// Fields that parse_pattern refuses are left out.
AIO_API std::unique_ptr<format> make_format(const formatter_spec& formatter, format_target target);

/// JSON has its own names for levels: trace, debug, info, warn, error, fatal.
AIO_API std::string_view json_level(level value) noexcept;

} // namespace aio::log
