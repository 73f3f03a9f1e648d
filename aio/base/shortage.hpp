#pragma once

// Errors of the system that pass by themselves.

#include <cerrno>

namespace aio::base {

/// The same call succeeds once other files are closed or memory is free.
constexpr bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

} // namespace aio::base
