#pragma once

// Datagram sockets of clients: connected to one peer.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/target.hpp>

namespace aio::net {

/// A socket that sends to `where` and receives only from there: UDP for a host, of which the first
/// address counts that the system accepts, else a unix socket, which gets a name of its own so that
/// the peer can answer. Of the options, `timeout`, `family` and `source` count.
/// Completes: when the name is resolved; nothing is sent to the peer.
/// Loop: any.
/// Cancelled: at once. Then operation_aborted.
/// Throws: as connect().
AIO_API task<socket> connect_datagram(target where, connect_options options);

} // namespace aio::net
