#pragma once

// How a process ended, and the names of signals.

#include <aio/base/api.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::process {

/// One of status and signal is set; none is when other code has taken the status.
struct ending {
    std::optional<int> status; ///< it exited
    int signal = 0;            ///< the signal that killed it
    bool dumped = false;       ///< the signal left a core

    bool clean() const noexcept { return status == 0; }
};

/// Whether the process has ended by `stop_signal`, or by a signal that also stops aio (TERM, INT,
/// HUP). Shells and many programs that catch such a signal exit with 128 plus its number.
AIO_API bool ended_as_asked(const ending& how, int stop_signal) noexcept;

/// "exited with status 3", "was killed by SIGKILL", "was killed by SIGSEGV and left a core".
AIO_API std::string describe(const ending& how);

/// "SIGTERM"; "signal 35" for a signal without a name.
AIO_API std::string signal_name(int number);
/// The number of "TERM" or "SIGTERM" in upper or lower case, or of "15"; nothing when there is no
/// such signal.
AIO_API std::optional<int> signal_number(std::string_view name);

} // namespace aio::process
