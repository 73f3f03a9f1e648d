#pragma once

// Configuration files that nobody has named: those that are found in the current folder.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>

namespace aio::app {

/// ./logging.conf is read whatever file is named, so it configures logging and nothing else: every
/// other section is an error, also [DEFAULT], which counts for all. False: there is one, and
/// nothing of the file may be used.
AIO_API bool check_logging_overlay(const config::layer& overlay, base::diagnostics& problems);

} // namespace aio::app
