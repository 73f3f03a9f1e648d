#pragma once

// The options of a section [server/NAME] as values; mistakes are diagnostics.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/server/limits.hpp>
#include <aio/service/section_reader.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace aio::server {

/// At least one of `protocol` and `factory` is set in a spec without errors.
struct spec {
    service::common_spec common;
    std::string protocol, factory; ///< dotted names; empty when not given

    net::bind_request where; ///< its `loops` is set when the loops of the app are known
    aio::server::limits limits;
    std::size_t loops = 1; ///< 0: all
    std::optional<net::tls_options> tls;
    std::optional<base::duration> tls_watch; ///< how often its files are looked at; nothing: never
    std::size_t handshakes = 1000;           ///< of TLS, at a time; others wait

    config::options options; ///< the whole section, the function's own options included

    spec() = default;
};

/// The options of the kind, without the common ones.
AIO_API const config::schema& options();

/// Reads a section by options() and by what `from` names.
AIO_API spec read_spec(const service::section_source& from);

} // namespace aio::server
