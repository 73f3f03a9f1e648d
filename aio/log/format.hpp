#pragma once

// From a record to the text of its line. Made once per handler when logging is configured; not
// thread-safe, a handler calls it under its lock.

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
    virtual void write(const record& one, std::string& to) = 0;
};

/// `terminal`: what it writes goes to one, for automatic colours. A format that parse_pattern
/// refuses loses its wrong fields.
AIO_API std::unique_ptr<format> make_format(const formatter_spec& of, bool terminal);

/// JSON has its own names for levels: trace, debug, info, warn, error, fatal.
AIO_API std::string_view json_level(level of) noexcept;

} // namespace aio::log
