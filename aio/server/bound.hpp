#pragma once

// What a server has to have before it can listen: the addresses of its host names, its certificate,
// and its sockets, bound. A resolver may keep silent, a file may be a pipe, and another process may
// hold the path of a unix socket. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_files.hpp>
#include <aio/service/runtime.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::server {

struct bind_order {
    net::bind_request where;
    std::optional<net::tls_options> tls;
    std::string who; ///< for warnings: "Server(web)"
};

struct bound {
    std::vector<net::endpoint> endpoints;
    std::shared_ptr<const net::tls_context> tls; ///< nullptr: plain
    net::file_stamps tls_files;                  ///< as they were before they were read
};

/// Fetches and binds, in the network of the loop; blocks. Addresses that this machine does not have
/// are a warning in `log`, and so are keys of TLS that everybody may read. Throws
/// std::system_error, std::runtime_error with the reason.
bound bind_now(
    aio::service::runtime& app, async::loop& home, log::logger& log, const bind_order& order
);

/// The same for a running loop. What may wait does so on a thread of the app's lookups.
/// Completes: when it has bound; at once if nothing has to be fetched and no other process holds
/// the path.
/// Loop: `home`.
/// Cancelled: operation_aborted at once; nothing is bound, and a call on the other thread is left.
/// Throws: as bind_now().
task<bound>
bind_aside(aio::service::runtime& app, async::loop& home, log::logger& log, bind_order order);

} // namespace aio::server
