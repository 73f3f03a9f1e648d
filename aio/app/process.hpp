#pragma once

// `aio run` after everything was planned: the app as a process, with its signals, its pid file, its
// user and its exit status.

#include <aio/app/app.hpp>
#include <aio/base/api.hpp>

#include <string>

namespace aio::app {

struct process_options {
    bool daemon = false;

    process_options() = default;
};

/// Why such a daemon cannot be: nothing to log to, or a service manager's environment.
struct refusal {
    std::string text; ///< empty: nothing is wrong
    int status = 0;
};

AIO_API refusal check_daemon(const configuration& of);

/// Runs until everything has ended or the process is told to stop; returns the exit status.
/// block_process_signals() was called. Nothing else runs in this process.
AIO_API int run_process(configuration from, const process_options& options);

} // namespace aio::app
