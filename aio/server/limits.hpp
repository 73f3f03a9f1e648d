#pragma once

// The limits of a server and its connections, and the options that set them. Every server has these
// limits: [server/*], tcp_service and the beans that listen.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/protocol.hpp>

#include <cstddef>
#include <optional>

namespace aio::server {

/// Lifted as aio::server_limits; `{.max_connections = 100}` changes one of them.
struct limits {
    /// Connections open at a time, over all loops. At the limit no connection is accepted.
    std::size_t max_connections = 10000;
    /// Connections that the system keeps until they are accepted.
    int backlog = 1024;
    /// A connection is closed after this time without a byte in either direction.
    std::optional<base::duration> idle_timeout = std::nullopt;
    /// For TCP connections: when the kernel notices that a peer is gone.
    std::optional<net::keepalive> keepalive = net::keepalive();

    /// Bytes that a protocol of callbacks keeps for a peer that does not read. Above it the
    /// connection is closed. Only a [server/*] has the option: coroutines wait instead.
    std::size_t max_buffered = net::transport::default_max_buffered;

    friend bool operator==(const limits&, const limits&) = default;
};

/// The options of a section that set limits, with the defaults above.
AIO_API void declare_limits(config::schema& target);

/// The same options without defaults, for a class that may have limits of its own.
AIO_API void declare_limits_of_class(config::schema& target);

/// The limits of a section: by its options, or by the defaults that its class has declared for
/// them. An undeclared option counts as well. Throws std::invalid_argument when an option has no
/// value of its type.
AIO_API limits limits_of(const config::options& section);

/// The limits `own`, with the options written in the section in place of theirs. Throws like the
/// function above.
AIO_API limits limits_of(const config::options& section, limits own);

} // namespace aio::server
