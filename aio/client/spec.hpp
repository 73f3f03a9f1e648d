#pragma once

// The options of a section [client/NAME] as values; mistakes are diagnostics.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>
#include <aio/client/reconnect.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/closing.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/protocol.hpp>
#include <aio/net/target.hpp>
#include <aio/service/section_reader.hpp>
#include <aio/service/unit.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aio::client {

/// At least one target is in a spec without errors.
struct spec {
    service::common_spec common;
    std::string protocol; ///< dotted name; empty: the section only says how to connect

    net::transport_kind transport = net::transport_kind::tcp;
    std::vector<net::target> targets; ///< tried in turn
    net::connect_options how;
    bool tls = false;
    bool verified = true; ///< TLS: the certificate of the server
    reconnect_rules reconnect;
    std::size_t connections = 1; ///< each with its own life
    bool wait_connected = true;  ///< the start waits for the first connection

    std::optional<base::duration> idle_timeout;
    /// For the peer to end its side of a connection that was closed.
    base::duration linger = net::usual_linger;
    std::size_t max_buffered = net::transport::default_max_buffered;

    config::options options; ///< the whole section, the protocol's own options included

    spec() = default;
};

/// The options of the kind, without the common ones.
AIO_API const config::schema& options();

/// Reads a section by options() and by what `from` names.
AIO_API spec read_spec(const service::section_source& from);

} // namespace aio::client
