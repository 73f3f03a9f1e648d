#pragma once

// What the protocol of a server receives.

#include <aio/protocols/context.hpp>

namespace aio::server {

using context = protocols::server_context;

} // namespace aio::server
