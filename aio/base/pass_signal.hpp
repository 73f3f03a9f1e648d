#pragma once

// Signals from one process of aio to another one, which may have become another user meanwhile.

#include <aio/base/api.hpp>

#include <sys/types.h>

namespace aio::base {

/// Sends a signal to `process`; 0, or an errno. Root without CAP_KILL, as in a container that has
/// few capabilities, may not signal other users. It then takes the effective user of that process
/// for the moment of the call, which needs CAP_SETUID and /proc. Only for a process with one
/// thread.
AIO_API int pass_signal(pid_t process, int signal);

} // namespace aio::base
