#pragma once

// The exit status of the process.

namespace aio::app {

enum exit_status : int {
    success = 0,       ///< done, or stopped in order by SIGTERM or SIGINT
    failure = 1,       ///< failed while running
    usage = 2,         ///< wrong usage
    forced = 70,       ///< the stop deadline passed
    bad_config = 78,   ///< the configuration is wrong
    signal_base = 128, ///< + n: a second signal n
};

} // namespace aio::app
