#pragma once

// The options tls_… of a section [server/NAME]. Private to server/.

#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/tls_context.hpp>

#include <optional>

namespace aio::server {

void declare_tls(config::schema& target);

/// Nothing without `tls_certificate`. Mistakes are added to `problems`.
std::optional<net::tls_options> read_tls(
    const config::section& section,
    const config::options& typed,
    const net::bind_request& where,
    base::diagnostics& problems
);

} // namespace aio::server
