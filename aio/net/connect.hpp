#pragma once

// Connections of clients:
//
//     aio::stream bank = co_await aio::net::connect("bank.example:4000");

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/race.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/target.hpp>
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
    /// For everything together: the name, all attempts, the proxy.
    connect_options& timeout(base::duration limit);
    /// The next address of a name is tried this long after the previous one, between 100 ms and
    /// 2 s. Nothing: each is tried when the previous one has failed.
    connect_options& attempt_delay(std::optional<base::duration> delay);
    /// Only addresses of this family; family::none: all.
    connect_options& family(net::family wanted);
    /// The address of ours to connect from, with or without a port.
    /// Throws: std::invalid_argument when it is none.
    connect_options& source(std::string_view address);
    /// Nothing: off.
    connect_options& keepalive(std::optional<net::keepalive> timing);
    /// Nothing: as the system has it, about 15 minutes.
    connect_options& user_timeout(std::optional<base::duration> limit);
    /// Sends small writes at once (TCP_NODELAY); the default is true.
    connect_options& no_delay(bool on);
    /// Told what each connect() comes to, on its loop.
    connect_options& tell(std::function<void(dial_stage now)> told);
    /// An HTTP proxy, `http://user:password@proxy.example:3128`, which is asked for a tunnel and
    /// resolves the name. Empty: none.
    /// Throws: std::invalid_argument for what is no proxy.
    connect_options& proxy(std::string_view url);

    static constexpr base::duration usual_timeout = std::chrono::seconds(10);

  private:
    friend class dial;

    base::duration timeout_ = usual_timeout;
    std::optional<base::duration> attempt_delay_ = race_rules().attempt_delay;
    net::family family_ = net::family::none;
    client_socket_options socket_;
    std::optional<http_proxy> proxy_;
    std::function<void(dial_stage)> told_;
};

/// Connects to `where`: `bank.example:4000`, `tcp://10.0.0.1:80`, `[::1]:80`, `unix:/run/app.sock`,
/// `@abstract`. The addresses of a name are tried by turns (net/race).
/// Completes: when one is connected, and the proxy has opened its tunnel.
/// Loop: any; the stream belongs to it.
/// Cancelled: at once; all sockets are closed. Then operation_aborted.
/// Throws: std::invalid_argument when `where` is no target; std::system_error that names the target
/// and, for each address, what has failed; its number is that of the first address, or ETIMEDOUT.
AIO_API task<stream> connect(std::string where, connect_options options = {});

/// The same for a target that was read before. The path of a unix socket may be a relative one.
AIO_API task<stream> connect(target where, connect_options options);

} // namespace aio::net
