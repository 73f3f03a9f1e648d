#pragma once

// The options of sections with TCP connections that say how keepalive probes a silent peer.

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>
#include <aio/net/keepalive.hpp>

namespace aio::protocols {

/// Adds `keepalive`, `keepalive_interval` and `keepalive_probes` with the defaults of `usual`.
AIO_API void declare_keepalive(config::schema& all, const net::keepalive& usual);

} // namespace aio::protocols
