#pragma once

// Outputs that send one datagram for each record: syslog (RFC 3164) and the native protocol of the
// journal. Loading libsystemd for this would take longer at the start than the rest of logging.

#include <aio/base/api.hpp>
#include <aio/log/output.hpp>

#include <memory>
#include <string>

namespace aio::log {

std::unique_ptr<output> open_syslog(const syslog_args& args, complaints& complaints);
std::unique_ptr<output> open_journal(const journald_args& args, complaints& complaints);

/// syslog's severity of a level; the journal uses the same.
AIO_API int severity(level value) noexcept;

/// Appends one field of the journal's protocol: `NAME=text`, or with its length when the text has
/// newlines.
AIO_API void append_journal_field(std::string& out, std::string_view name, std::string_view text);

} // namespace aio::log
