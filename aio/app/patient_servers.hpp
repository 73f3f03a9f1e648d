#pragma once

// For `aio config check`: servers that strangers reach, and that keep silent connections for ever.

#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

/// Warns of servers that listen beyond loopback without idle_timeout: once for each file, with
/// their names. A server on a host that is only named is left out: its addresses are not known.
AIO_API void
warn_of_patient_servers(const plan& planned, const config::tree& from, base::diagnostics& problems);

} // namespace aio::app
