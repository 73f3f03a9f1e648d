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
    std::string name; ///< empty: the linker does not know it

    frame() = default;
};

AIO_API frame find_frame(const void* address);

/// One a line, innermost first. Frames without a name are followed by the command that finds it:
/// functions that a module hides, as it does by default, are in its debug information only.
AIO_API std::string stack_text(std::span<const frame> all);

} // namespace aio::app
