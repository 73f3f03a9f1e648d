#pragma once

// The options of a section that set server::limits. Private to server/.

#include <aio/config/schema.hpp>

namespace aio::server {

/// All of them, with the defaults of server::limits.
const config::schema& limit_options();

} // namespace aio::server
