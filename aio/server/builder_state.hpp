#pragma once

// What a builder hands out: everything prepare() got hold of. Private to server/.

#include <aio/async/loop.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/server.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace aio::server {

struct builder::state {
    std::shared_ptr<const plan_of_server> plan;
    async::loop* home = nullptr;
    std::vector<async::loop*> loops;
    std::vector<net::endpoint> bound; ///< kept from start to start; what runs has copies
    bool taken = false;               ///< since the last start
    std::uint16_t port = 0;
    std::shared_ptr<const net::tls_context> tls;
    log::logger* log = nullptr;

    /// Copies of what is bound, once a start; without the files, which go with the originals.
    /// Throws std::logic_error the second time, std::system_error.
    std::vector<net::endpoint> lend();
};

} // namespace aio::server
