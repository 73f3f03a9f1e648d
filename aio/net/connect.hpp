#pragma once

// Connections of clients:
//
//     aio::stream bank = co_await aio::net::connect("tls://bank.example:4000");

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/proxy_header.hpp>
#include <aio/net/race.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/target.hpp>
#include <aio/net/tls_client.hpp>
#include <aio/net/tunnel.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::net {

/// What a connect() is at, in order. It leaves out what it does not need.
enum class dial_stage : std::uint8_t {
    resolving,  ///< the name of the target or of the proxy
    connecting, ///< the sockets; then the tunnel through a proxy
    securing,   ///< the TLS handshake
};

/// How to connect. Every option has a setter, and they can be chained:
/// `connect_options().timeout(2s).source("10.0.0.2")`.
class AIO_API connect_options {
  public:
    /// For everything together: the name, all attempts, the proxy, the TLS handshake.
    connect_options& timeout(base::duration limit);
    /// The next address of a name is tried this long after the previous one, between 100 ms and
    /// 2 s. Nothing: each is tried when the previous one has failed.
    connect_options& attempt_delay(std::optional<base::duration> delay);
    /// Only addresses of this family; family::none: all.
    connect_options& family(net::family wanted);
    /// The address of ours to connect from, with or without a port.
    /// Throws: std::invalid_argument when it is none.
    connect_options& source(std::string_view address);
    /// The interface of ours to connect by, whatever the routes say: "eth0". Empty: any.
    /// Throws: std::invalid_argument for what cannot be the name of one.
    connect_options& interface(std::string_view name);
    /// Nothing: off.
    connect_options& keepalive(std::optional<net::keepalive> timing);
    /// How long sent data may stay unconfirmed, or wait because the peer does not read. Nothing: as
    /// the system has it: about 15 minutes, or for ever.
    connect_options& user_timeout(std::optional<base::duration> limit);
    /// Sends small writes at once (TCP_NODELAY); the default is true.
    connect_options& no_delay(bool on);
    /// Bytes that the system takes beyond those on their way. Nothing: what its buffers hold.
    connect_options& unsent(std::optional<base::size> most);
    /// Told what each connect() comes to, on its loop.
    connect_options& tell(std::function<void(dial_stage now)> told);
    /// An HTTP proxy, `http://user:password@proxy.example:3128`, which is asked for a tunnel and
    /// resolves the name. Empty: none.
    /// Throws: std::invalid_argument for what is no proxy.
    connect_options& proxy(std::string_view url);
    /// Of tls:// targets.
    connect_options& tls(tls_client how);

    const tls_client& tls() const noexcept { return tls_; }

    /// The connection begins with a header of the PROXY protocol, before TLS: for a server that
    /// expects one. With two addresses the connection is told to be that of the client `from`,
    /// which has connected to `to`.
    /// Throws: std::length_error when the additions of the header are too long.
    connect_options& announce(const proxy_header& header);
    connect_options& announce(proxy_header::format version, address from, address to);
    /// With the two addresses of the connection itself; of a unix socket none is told.
    connect_options& announce(proxy_header::format version);

    static constexpr base::duration usual_timeout = std::chrono::seconds(10);

  private:
    friend class dial;
    friend task<socket> connect_datagram(target where, connect_options options);

    base::duration timeout_ = usual_timeout;
    std::optional<base::duration> attempt_delay_ = race_rules().attempt_delay;
    net::family family_ = net::family::none;
    client_socket_options socket_;
    std::optional<http_proxy> proxy_;
    std::function<void(dial_stage)> told_;
    tls_client tls_;
    std::string announced_; ///< the header; empty: none
    std::optional<proxy_header::format> announces_itself_;
};

/// Connects to `where`: `bank.example:4000`, `tls://bank.example:443`, `tcp://10.0.0.1:80`,
/// `[::1]:80`, `unix:/run/app.sock`, `@abstract`. The addresses of a name are tried by turns
/// (net/race).
/// Completes: when one is connected, the proxy has opened its tunnel, and TLS is agreed on.
/// Loop: any; the stream belongs to it.
/// Cancelled: at once; all sockets are closed. Then operation_aborted.
/// Throws: std::invalid_argument when `where` is no target; std::system_error that names the target
/// and, for each address, what has failed; its number is that of the first address, or ETIMEDOUT.
/// With TLS: EKEYREJECTED when the certificate of the server is at fault, ENOKEY when a file of
/// tls_client cannot be used, another number when there is no memory, descriptor or thread to read
/// it; EPROTO.
AIO_API task<stream> connect(std::string where, connect_options options);

/// With the usual options, which need no memory of their own then.
AIO_API task<stream> connect(std::string where);

/// The same for a target that was read before. The path of a unix socket may be a relative one.
AIO_API task<stream> connect(target where, connect_options options);

} // namespace aio::net
