#pragma once

// Return addresses as lines of a report.

#include <aio/base/api.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace aio::app {

struct frame {
    const void* address = nullptr;
    std::string file; ///< empty: unknown
    std::uintptr_t offset = 0;
    std::string name; ///< empty: its file does not export the function

    frame() = default;
};

/// Takes no lock of the dynamic linker. The code has to stay loaded meanwhile.
AIO_API frame find_frame(const void* address);

/// One line for each frame, innermost first. Below the frames stand the commands that find the
/// missing names: a function that a module hides, which is the default, is in its debug information
/// only.
AIO_API std::string stack_text(std::span<const frame> frames);

} // namespace aio::app
