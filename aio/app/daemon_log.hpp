#pragma once

// The log and the output of `aio run -d`: whether they are kept, and how they are found again.
// Private to app/.

#include <aio/app/process_parts.hpp>

#include <cstdint>

namespace aio::app {

/// Prints for the caller of a daemon why it did not start; its log may be out of reach.
void print_reasons(process& p);

/// Refuses a daemon whose log records would be lost: no log can be reached, and there is no
/// log_file for its standard error. Warns of each log that cannot be reached, and of what is lost
/// without a log_file. Throws bad_configuration.
void check_daemon_log(process& p);

/// Reopens the log files. The output and error of a daemon go to its log file, so they are
/// reopened with it; search_output() follows when that fails. Loop: the main loop's.
void reopen_logs(process& p);

/// Tries again, each time after a longer pause, until standard output and error of a daemon go to
/// its log_file. The log then tells how many records were lost since it had counted `lost_before`.
/// Does nothing while it runs. Loop: the main loop's.
void search_output(process& p, std::uint64_t lost_before);

} // namespace aio::app
