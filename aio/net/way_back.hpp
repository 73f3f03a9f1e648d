#pragma once

// A datagram that a proxy has passed on is answered through the proxy, although its sender is the
// client. So the address of the client remembers the proxy. Private to net/ and server/.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>

namespace aio::net {

/// `client` and its copies remember that answers go by `proxy`; with family::none, directly. Both
/// are IPv4 or IPv6, otherwise nothing is remembered. == ignores it.
AIO_API void set_way_back(address& client, const address& proxy) noexcept;

/// The proxy, which has the asked() address of `client`; family::none when answers go directly.
AIO_API address way_back(const address& client) noexcept;

} // namespace aio::net
