#pragma once

// What a thread knows about itself when it gets a fatal signal, and the report of it on standard
// error.

#include <aio/app/thread_place.hpp>
#include <aio/base/api.hpp>

#include <sys/types.h>

#include <array>
#include <string>

namespace aio::app {

/// Filled in the signal handler. The crashed thread waits in the handler while the report is made.
struct crash {
    static constexpr int most_frames = 48;

    int signal = 0;
    bool sent = false;             ///< by a process, not by the system for a fault
    pid_t sender = 0;              ///< of a signal that was sent
    const void* address = nullptr; ///< of a fault
    thread_place where;
    std::array<void*, most_frames> frames{};
    int first_frame = 0; ///< those before are of the handler
    int frame_count = 0;

    crash() = default;
};

/// "SIGSEGV (Segmentation fault)"; "signal" for a signal that is not fatal. Async-signal-safe.
AIO_API const char* name_of_fatal(int signal) noexcept;

/// The whole report. Allocates.
AIO_API std::string crash_text(const crash& crash);

/// Writes the same without function names, for when no other thread can make the text. Uses system
/// calls only: async-signal-safe.
AIO_API void write_crash_plainly(int fd, const crash& crash) noexcept;

} // namespace aio::app
