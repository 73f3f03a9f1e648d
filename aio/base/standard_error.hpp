#pragma once

// Messages on standard error. This is the one place that prints them: a message that cannot be
// written (a full disk, a pipe without a reader) must not change what the program does or how it
// ends. `scripts/check floors` refuses other ways.

#include <aio/base/api.hpp>
#include <aio/base/visible.hpp>
#include <aio/base/write_text.hpp>

#include <string_view>

namespace aio::base {

/// Writes a text to standard error as it is. Waits for the reader. Never throws or raises a signal.
AIO_API void print_error(std::string_view text) noexcept;

/// Prints "aio: TEXT" as a line of its own, with invisible characters as escapes. Waits for the
/// reader up to `patience`. Never throws or raises a signal.
AIO_API void
say(std::string_view text,
    layout as = layout::message,
    std::chrono::milliseconds patience = no_limit) noexcept;

} // namespace aio::base
