#pragma once

// TLS on a stream that is connected. Private to net/.

#include <aio/async/task.hpp>
#include <aio/base/units.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/tls_session.hpp>

#include <memory>

namespace aio::net {

/// Switches TLS on and shakes hands. `over` outlives the call.
/// Completes: when both sides agree, and what the peer had to show is verified.
/// Cancelled: the connection can only be closed.
/// Throws: base::system_failure that says why there is no TLS: EKEYREJECTED when the certificate of
/// the peer is at fault, ETIMEDOUT after `limit`, the system's number, else EPROTO.
task<void> begin_tls(stream& over, std::unique_ptr<tls_session> session, base::duration limit);

} // namespace aio::net
