#pragma once

// Outputs that send one datagram for each record: syslog (RFC 3164) and the native protocol of the
// journal. Loading libsystemd for this would take longer at the start than the rest of logging.

#include <aio/base/api.hpp>
#include <aio/log/output.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace aio::log {

std::unique_ptr<output> open_syslog(const syslog_args& args, complaints& complaints);
std::unique_ptr<output> open_journal(const journald_args& args, complaints& complaints);

/// syslog's severity of a level; the journal uses the same.
AIO_API int severity(level value) noexcept;

/// The beginning of a record that is too large for one datagram: at most `most` bytes, cut between
/// two characters, with " [cut here, 92000 bytes more]" at its end. `most` is at least 64.
AIO_API std::string cut_record(std::string_view data, std::size_t most);

/// Appends one field of the journal's protocol: `NAME=text`, or with its length when the text has
/// newlines.
AIO_API void append_journal_field(std::string& out, std::string_view name, std::string_view text);

} // namespace aio::log
