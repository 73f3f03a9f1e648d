#pragma once

// `aio run` once everything is planned: the app as a process, with its signals, pid file, user and
// exit status.

#include <aio/app/app.hpp>
#include <aio/base/api.hpp>

#include <vector>

namespace aio::app {

struct process_options {
    bool daemon = false;
    /// The descriptors from 3 on that the caller had open. A daemon closes them, but for those that
    /// the configuration names.
    std::vector<int> inherited;

    process_options() = default;
};

/// Runs until everything has ended or the process is told to stop, and exits with the status. The
/// deadline of the stop holds until the process is gone, also while destructors of static objects
/// run. Precondition: block_process_signals() was called, fatal_signals lives, and nothing else
/// runs in this process.
[[noreturn]] AIO_API void run_process(configuration from, const process_options& options);

} // namespace aio::app
