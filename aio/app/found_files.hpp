#pragma once

// Configuration files that nobody has named: those that are found in the current folder.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>

#include <optional>
#include <string>

namespace aio::app {

/// Why a found file may have been planted: "'etc' belongs to user 1234, in a folder that everybody
/// may write". Each name of the relative path counts, a link as itself. Nothing: what is in such a
/// folder belongs to root or to the user of the process. Root's distrust, which is stricter, is no
/// matter of this function.
AIO_API std::optional<std::string> suspicion_of(const std::string& path);

/// The same as an error, for a file that has to be named then. True: it is one.
AIO_API bool refuse_planted(const std::string& path, base::diagnostics& problems);

/// ./logging.conf is read whatever file is named, so it configures logging and nothing else: every
/// other section is an error, also [DEFAULT], which counts for all.
AIO_API void check_logging_overlay(const config::layer& overlay, base::diagnostics& problems);

} // namespace aio::app
