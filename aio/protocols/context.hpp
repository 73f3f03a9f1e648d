#pragma once

// What the protocol of a connection receives: the name, section, options and logger of the server
// or the client that it works for, and the app.

#include <aio/service/context.hpp>

#include <utility>

namespace aio::protocols {

/// Lifted as aio::server_context. Shared by all connections of one server; cheap to copy.
class server_context : public service::context {
  public:
    using service::context::context;

    explicit server_context(service::context given) : context(std::move(given)) {}
};

/// Lifted as aio::client_context. Shared by all connections of one client; cheap to copy.
class client_context : public service::context {
  public:
    using service::context::context;

    explicit client_context(service::context given) : context(std::move(given)) {}
};

} // namespace aio::protocols
