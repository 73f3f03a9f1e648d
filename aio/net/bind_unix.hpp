#pragma once

// Binds the socket of a unix server. Private to net/.

#include <aio/net/bind.hpp>

namespace aio::net {

/// Blocks for the request's patience at most. Throws as bind() does.
endpoint bind_unix(const bind_request& request);

} // namespace aio::net
