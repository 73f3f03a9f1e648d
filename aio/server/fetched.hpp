#pragma once

// What a server needs from elsewhere before it can bind: the addresses of its host names, and its
// certificate. A resolver may keep silent, and a file may be a pipe. Private to server/.

#include <aio/async/task.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/service/runtime.hpp>

#include <memory>
#include <optional>

namespace aio::server {

struct fetched {
    net::host_addresses hosts;
    std::shared_ptr<const net::tls_context> tls; ///< nullptr: plain
};

/// Blocks. Throws std::system_error, std::runtime_error with the reason.
fetched fetch(const net::bind_request& where, const std::optional<net::tls_options>& tls);

/// The same on a thread of the app's lookups, or at once when nothing is needed.
/// Completes: when everything has been fetched.
/// Loop: any.
/// Cancelled: operation_aborted at once; the call is left.
task<fetched> fetch_aside(
    aio::service::runtime& app, net::bind_request where, std::optional<net::tls_options> tls
);

} // namespace aio::server
