#pragma once

// `aio run` after everything was planned: the app as a process, with its signals, its pid file, its
// user and its exit status.

#include <aio/app/app.hpp>
#include <aio/base/api.hpp>

namespace aio::app {

struct process_options {
    bool daemon = false;

    process_options() = default;
};

/// Runs until everything has ended or the process is told to stop, and exits with the status of
/// that. The deadline of the stop holds until the process is gone, also while destructors of static
/// objects run. block_process_signals() was called. Nothing else runs in this process.
[[noreturn]] AIO_API void run_process(configuration from, const process_options& options);

} // namespace aio::app
