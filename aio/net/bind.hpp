#pragma once

// Binds the sockets of a server: each address once per loop.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/socket_file.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace aio::net {

class listener;

enum class transport_kind { tcp, udp, unix_stream, unix_datagram };

constexpr bool is_datagram(transport_kind kind) noexcept {
    return kind == transport_kind::udp || kind == transport_kind::unix_datagram;
}

constexpr bool is_unix(transport_kind kind) noexcept {
    return kind == transport_kind::unix_stream || kind == transport_kind::unix_datagram;
}

/// SOCK_STREAM or SOCK_DGRAM.
int socket_type(transport_kind kind) noexcept;

struct bind_request {
    transport_kind transport = transport_kind::tcp;
    std::vector<std::string> addresses; ///< literal or host names; empty: all, v4 and v6 in one
    std::uint16_t port = 0;             ///< 0: one is picked, the same for all addresses
    std::string path;
    /// How long bind() may block while another process holds the path.
    base::duration patience = std::chrono::seconds(1);
    std::optional<unsigned> mode; ///< of the unix socket's file
    bool reuse_port = false;
    bool no_delay = true;
    std::optional<net::keepalive> keepalive; ///< of the connections of a TCP socket
    /// Of the connections of a TCP socket: bytes that the kernel takes beyond those on their way.
    std::optional<base::size> unsent;
    bool defer_accept = false; ///< TCP: connections are accepted when their first bytes are there
    std::size_t loops = 1;

    bind_request() = default;
};

/// What the resolver said of each host name.
using host_addresses = std::map<std::string, std::vector<address>, std::less<>>;

/// One address, bound once for each loop. A unix stream socket already listens, and listen() sets
/// its backlog. All other sockets do not listen yet. In a network of a test (net/connectivity.hpp)
/// it has a listener for all loops, and no socket.
struct endpoint {
    address at;
    std::string name;            ///< for messages: "127.0.0.1:80", "*:80", "[::1]:80", the path
    std::vector<socket> sockets; ///< one per loop; a unix socket is one, shared by all
    std::unique_ptr<socket_file> file;
    std::shared_ptr<net::listener> listener;

    endpoint() = default;
};

/// Whether bind() accepts the text: a literal address, also with an interface that is not there, or
/// `*`, or a well-formed host name. Asks no resolver.
AIO_API bool names_a_host(std::string_view text) noexcept;

/// The host names among the addresses of a request.
AIO_API std::vector<std::string> host_names(const bind_request& request);

/// The addresses of each of these names; blocks. Throws as resolve() does.
AIO_API host_addresses resolve_all(const std::vector<std::string>& names);

/// All literal addresses and, of each name, the addresses this machine has; or none. Asks no
/// resolver: `hosts` has the addresses of all names of the request; else it is a std::out_of_range.
/// Throws std::system_error whose text names the address: "127.0.0.1:80: Address already in use".
/// An address that reads otherwise than it was written follows that: "name: 127.0.0.1:80: ...".
/// `missing`: gets the addresses of a name that are of no use on this machine, each with its name
/// and the reason: "localhost: [::1]:80: Cannot assign requested address". When a name has no
/// other, that is an error. Throws path_is_held when another process holds the path of a unix
/// socket for longer than the request's patience; std::runtime_error when root must not use the
/// path.
AIO_API std::vector<endpoint> bind(
    const bind_request& request,
    const host_addresses& hosts = {},
    std::vector<std::string>* missing = nullptr
);

/// Starts listening. Throws like bind().
AIO_API void listen(const std::string& name, const socket& bound, int backlog);

} // namespace aio::net
