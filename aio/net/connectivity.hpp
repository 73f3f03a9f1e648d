#pragma once

// The seam between the app and the network of the system. A test puts a network of its own there
// (aio/testing/network.hpp) before it starts an app: then the app opens no socket for its servers
// and clients.

#include <aio/base/api.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/resolver.hpp>

#include <vector>

namespace aio::net {

/// Used on a loop by dialing::use().
class AIO_API connectivity {
  public:
    connectivity() = default;
    connectivity(const connectivity&) = delete;
    connectivity& operator=(const connectivity&) = delete;
    virtual ~connectivity();

    /// Who knows the names.
    virtual net::resolver& resolver() noexcept = 0;
    /// Who makes the connections of clients.
    virtual net::connector& connector() noexcept = 0;
    /// As net::bind(), also for names: each endpoint has a listener, and no socket. Does not block.
    /// Throws: as net::bind().
    virtual std::vector<endpoint> bind(const bind_request& request) = 0;
};

} // namespace aio::net
