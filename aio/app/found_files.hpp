#pragma once

// Configuration files that nobody has named: those that are found in the current folder.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>

#include <optional>
#include <string>

namespace aio::app {

/// Why a found file may have been planted: "it belongs to user 1234, in a folder that everybody may
/// write". Nothing: the file belongs to root or to the user of the process, or only some users can
/// put it there. Root's distrust, which is stricter, is no matter of this function.
AIO_API std::optional<std::string> suspicion_of(const std::string& path);

/// ./logging.conf is read whatever file is named, so it configures logging and nothing else: every
/// other section but [DEFAULT] is an error.
AIO_API void check_logging_overlay(const config::layer& overlay, base::diagnostics& problems);

} // namespace aio::app
