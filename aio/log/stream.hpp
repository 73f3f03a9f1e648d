#pragma once

// The log on standard output or standard error.

#include <aio/log/output.hpp>

#include <memory>

namespace aio::log {

/// `standard` is STDOUT_FILENO or STDERR_FILENO. Other code writes there as well, so every line is
/// written at once to keep the order. While standard output has no reader, because the pipe or the
/// terminal was closed, its records go to standard error, and it is tried again with later ones,
/// each time after a longer pause.
std::unique_ptr<output> open_stream(int standard, output_services& services);

} // namespace aio::log
