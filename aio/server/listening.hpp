#pragma once

// A server that is no section: what a bean or a service listens with. It is the standard server on
// one loop, with the limits of a [server/*].

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/config/number.hpp>
#include <aio/config/options.hpp>
#include <aio/net/stream.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/kept_sockets.hpp>
#include <aio/server/limits.hpp>
#include <aio/service/context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::async {
class loop;
}

namespace aio::server {

inline constexpr const char* local_address = "127.0.0.1";

/// What listen() is told.
struct listening {
    std::string address = local_address; ///< a literal, the name of a host, or "*"
    std::uint16_t port = 0;              ///< 0: one is picked
    aio::server::limits limits;          ///< of its connections
    service::context given;              ///< of the bean or service; its name is in messages
    std::string owner;                   ///< the unit with the connections: "service/app/web"
    std::function<task<void>(net::stream)> serve; ///< one connection; closed when it returns
    /// The last word to a client that finds the server full. Empty: none is said.
    std::function<std::string()> refused;
    /// Called when `serve` throws base::mistake; it has to crash the unit. Empty: the app is told
    /// that the unit `owner` has crashed.
    std::function<void(std::exception_ptr why)> crash;
    /// Has the sockets from the first start on, and keeps them until its owner closes it; nullptr:
    /// they close with the server.
    kept_sockets* kept = nullptr;

    listening(
        service::context given_, std::string owner_, std::function<task<void>(net::stream)> serve_
    )
        : given(std::move(given_)), owner(std::move(owner_)), serve(std::move(serve_)) {}
};

inline constexpr config::number_range port_range(0, 65535);

/// "8080" as a port. Throws std::invalid_argument.
AIO_API std::uint16_t port_of(std::string_view text);

/// For an option `address` of a class: what is wrong with it.
AIO_API std::vector<config::text_mistake> address_mistakes(std::string_view text);

/// What a section says by its options `address` and `port`, whether its class declares them (then
/// also by their defaults) or not.
AIO_API std::optional<std::string> address_of(const config::options& section);
AIO_API std::optional<std::uint16_t> port_of(const config::options& section);

/// Takes the sockets that are kept, or resolves the address if it is a name, and binds. The server
/// accepts when its start() has completed. A second server with the same `kept` binds sockets of
/// its own.
/// Completes: when it has its sockets.
/// Loop: `home`, on which the connections are served.
/// Cancelled: operation_aborted at once; nothing is bound.
/// Throws: std::system_error with address and reason, "127.0.0.1:80: Address already in use".
AIO_API task<std::unique_ptr<handle>> listen(async::loop& home, listening what);

} // namespace aio::server
