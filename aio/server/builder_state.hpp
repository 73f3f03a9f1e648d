#pragma once

// What a builder hands out: everything that prepare() has acquired. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/log/logger.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/kept_sockets.hpp>
#include <aio/server/server.hpp>
#include <aio/server/tls_watch.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace aio::server {

struct builder::state {
    std::shared_ptr<const plan_of_server> plan;
    async::loop* home = nullptr;
    std::vector<async::loop*> loops;
    kept_sockets sockets;
    bool taken = false; ///< lend() was called since the last start
    std::uint16_t port = 0;
    std::shared_ptr<watched_tls> tls; ///< nullptr: plain
    log::logger* log = nullptr;

    /// Copies of the bound sockets, once for each start. Throws std::logic_error at the second
    /// call, std::system_error.
    std::vector<net::endpoint> lend();
};

} // namespace aio::server
