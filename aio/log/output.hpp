#pragma once

// Where the lines of one handler go. Called under the handler's lock. Writing never throws, never
// kills and never recurses: what cannot be written is lost, counted and complained about.

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

    /// Opens its file anew under the same name. Returns what is wrong, empty when all went well;
    /// then the old one is kept.
    virtual std::string reopen() { return {}; }

    virtual std::string give_to(uid_t, gid_t) { return {}; }

    virtual bool terminal() const noexcept { return false; }
};

/// Opens what a handler writes to. Throws std::runtime_error with the path in its text.
/// Relative paths start at `directory`, which is absolute, or "" for the current one.
std::unique_ptr<output>
open_output(const handler_args& args, const std::string& directory, output_services& with);

} // namespace aio::log
