#pragma once

// The limits of a server and its connections, and the options that set them. Every server has these
// limits: [server/*], tcp_service and the beans that listen.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/net/closing.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/networks.hpp>
#include <aio/net/protocol.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace aio::net {
struct bind_request;
}

namespace aio::server {

/// What becomes of a connection beyond max_connections.
enum class full_policy : std::uint8_t {
    wait,   ///< until there is a place; the system keeps it meanwhile
    refuse, ///< it is accepted and closed
};

/// How many bits of an address make one client.
struct client_prefix {
    unsigned v4 = 32;
    unsigned v6 = 64;

    friend bool operator==(const client_prefix&, const client_prefix&) = default;
};

/// Whose connections begin with a header of the PROXY protocol. Connections from elsewhere are
/// reset, and the client that a header announces takes the place of the peer everywhere.
struct proxy_rules {
    net::networks from; ///< the proxies
    net::networks skip; ///< peers without a header, such as those that check the server

    friend bool operator==(const proxy_rules&, const proxy_rules&) = default;
};

/// Lifted as aio::server_limits; `{.max_connections = 100}` changes one of them.
struct limits {
    /// Connections open at a time, over all loops. At the limit, `when_full` says what becomes of
    /// further ones.
    std::size_t max_connections = 10000;
    /// Connections that the system keeps until they are accepted.
    int backlog = 1024;
    /// A connection is closed after this time without a byte in either direction.
    std::optional<base::duration> idle_timeout = std::nullopt;
    /// A connection is closed when nothing has come from its client for this time since the
    /// protocol had it: after the PROXY header and the TLS handshake.
    std::optional<base::duration> first_byte_timeout = std::nullopt;
    /// A connection is reset when its peer takes nothing for this time of what waits to be sent.
    std::optional<base::duration> write_timeout = std::chrono::seconds(60);
    /// For TCP connections: when the kernel notices that a peer is gone.
    std::optional<net::keepalive> keepalive = net::keepalive();

    /// Bytes that a protocol of callbacks keeps for a peer that does not read. Above it the
    /// connection is closed. Only a [server/*] has the option: coroutines wait instead.
    std::size_t max_buffered = net::transport::default_max_buffered;

    full_policy when_full = full_policy::wait;
    /// New connections per second over all loops; a second's worth at once. Others wait.
    std::optional<base::rate> accept_rate = std::nullopt;
    /// Who may connect; other connections are reset.
    net::network_rules networks = {};
    /// Of one client: connections open at a time, and new ones per second, of which a second's
    /// worth or 10 may come at once. Other connections are reset. Peers on unix sockets are exempt.
    std::optional<std::size_t> address_connections = std::nullopt;
    std::optional<base::rate> address_rate = std::nullopt;
    client_prefix address_prefix = {};
    base::duration handshake_timeout = std::chrono::seconds(10);
    /// For the peer to end its side of a connection that was closed. While the server stops, a
    /// connection is reset when its peer takes nothing for this time of what waits to be sent.
    base::duration linger = net::usual_linger;
    /// For TCP connections: bytes that the kernel takes beyond those on their way to the peer.
    /// Peers that do not read cost little memory then, but an answer that they do not read stays
    /// with the server.
    std::optional<base::size> unsent = base::size{128 << 10};
    /// For TCP: a connection is accepted when its first bytes are there, or after some seconds.
    bool defer_accept = false;
    std::optional<proxy_rules> proxy = std::nullopt;

    friend bool operator==(const limits&, const limits&) = default;
};

/// The options of a section that set limits, with the defaults above.
AIO_API void declare_limits(config::schema& target);

/// The same options without defaults, for a class that may have limits of its own.
AIO_API void declare_limits_of_class(config::schema& target);

/// The limits of a section: by its options, or by the defaults that its class has declared for
/// them. An undeclared option counts as well. Throws std::invalid_argument when an option has no
/// value of its type, or a mistake in it.
AIO_API limits limits_of(const config::options& section);

/// A mistake inside of the text of an option.
struct limit_mistake {
    std::string_view option;
    std::size_t offset = 0; ///< in the text as it was written
    std::string text;
    std::string hint;
};

using limit_mistakes = std::function<void(limit_mistake wrong)>;

/// As limits_of(section). Mistakes inside of the text of an option are told to `wrong`, and the
/// rest of the text counts.
AIO_API limits limits_of(const config::options& section, const limit_mistakes& wrong);

/// The limits `own`, with the options written in the section in place of theirs. Throws like the
/// function above.
AIO_API limits limits_of(const config::options& section, limits own);

/// Those limits that are options of the listening socket, which its connections inherit.
void set_socket_options(net::bind_request& target, const limits& from);

} // namespace aio::server
