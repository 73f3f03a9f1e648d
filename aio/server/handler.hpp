#pragma once

// What serves the connections of a server.

#include <aio/protocols/handler.hpp>
#include <aio/server/context.hpp>

namespace aio::server {

using protocols::datagram_maker;
using protocols::describe;
using protocols::handler;
using protocols::handler_of;
using protocols::protocol_maker;
using protocols::stream_handler;
using protocols::takes_datagrams;

/// A function of a stream that serves the connections of servers.
template <typename F>
concept serves_stream =
    protocols::serves_stream<F> &&
    protocols::includes(protocols::sides_of_function<F>, protocols::sides::server);

/// A class with callbacks that serves the connections of servers.
template <typename T>
concept serves_callbacks =
    protocols::serves_callbacks<T> &&
    protocols::includes(protocols::sides_of_class<T>, protocols::sides::server);

} // namespace aio::server
