#pragma once

// Writes out what log files have collected when the process crashes.

#include <aio/app/fatal_signals.hpp>
#include <aio/log/tree.hpp>

namespace aio::app {

/// While it lives, a fatal signal writes out the lines that the log files of `logs` have collected.
/// At most one in a process.
class log_at_crash {
  public:
    explicit log_at_crash(const log::tree& logs) noexcept {
        fatal_signals::at_last(
            [](const void* tree) noexcept { static_cast<const log::tree*>(tree)->write_out(); },
            &logs
        );
    }

    log_at_crash(const log_at_crash&) = delete;
    log_at_crash& operator=(const log_at_crash&) = delete;

    ~log_at_crash() { fatal_signals::at_last(nullptr, nullptr); }
};

} // namespace aio::app
