#pragma once

// What the protocol of a server receives: the name, section, options and logger of the server, and
// the app.

#include <aio/service/context.hpp>

namespace aio::server {

/// Lifted as aio::server_context. Shared by all connections of one server; cheap to copy.
class context : public service::context {
  public:
    using service::context::context;
};

} // namespace aio::server
