#pragma once

// Finds one file in two roles: a log that is the configuration file would overwrite it.

#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

/// An error, with both places, for each file that is written in one role and used in another one.
/// Written are logs, the pid file and sockets. Read are configuration files, defaults and
/// libraries of modules, the files of ${file:…}, and certificates with their keys. A file counts
/// also when it holds no option. To be called when every value of `from` has been evaluated. Two
/// logs in one file are no error. Links, and several names of one file, count. Opens nothing.
AIO_API void
check_shared_files(const plan& plan, const config::tree& from, base::diagnostics& problems);

} // namespace aio::app
