#pragma once

// The destination of the lines of one handler. Called under the handler's lock. Writing never
// throws, never raises a signal and never logs: a line that cannot be written is lost, counted and
// reported.

#include <aio/base/api.hpp>
#include <aio/log/descriptor.hpp>
#include <aio/log/record.hpp>
#include <aio/log/spec.hpp>

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace aio::log {

class AIO_API output {
  public:
    virtual ~output();
    /// One formatted record, without a newline.
    virtual void write(const record& entry, std::string_view text) noexcept = 0;

    virtual void flush() noexcept {}

    /// True when write() may keep lines until flush().
    virtual bool collects() const noexcept { return false; }

    /// Reopens its file by the same name. Returns the error as a text; then the old file is kept.
    /// Empty when there is none.
    virtual std::string reopen() { return {}; }

    /// Standard output or error is another file now.
    virtual void standard_output_replaced() noexcept {}

    virtual std::string give_to(uid_t, gid_t) { return {}; }

    /// False while its records go to standard error, because nobody takes them.
    virtual bool reached() const noexcept { return true; }

    virtual bool terminal() const noexcept { return false; }
};

/// Opens what a handler writes to. Throws std::runtime_error with the path in its text.
/// Relative paths start at `directory`, which is absolute, or "" for the current one.
std::unique_ptr<output>
open_output(const handler_args& args, const std::string& directory, output_services& services);

} // namespace aio::log
