#pragma once

// What serves a connection: a coroutine, a function or a class with callbacks. The type is erased
// once, at the registration; the server unpacks it.

#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/net/datagram.hpp>
#include <aio/net/protocol.hpp>
#include <aio/net/stream.hpp>
#include <aio/server/context.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace aio::server {

using stream_handler = std::function<task<void>(net::stream, context)>;
using protocol_maker = std::function<std::unique_ptr<net::protocol>(const context&)>;
using datagram_maker = std::function<std::unique_ptr<net::datagram_protocol>(const context&)>;

/// The object of a module::item of kind "protocol".
using handler = std::variant<stream_handler, protocol_maker, datagram_maker>;

inline bool takes_datagrams(const handler& protocol) noexcept {
    return std::holds_alternative<datagram_maker>(protocol);
}

/// A function of a stream, with or without a context, coroutine or not.
template <typename F>
concept serves_stream = std::invocable<F&, net::stream> || std::invocable<F&, net::stream, context>;

/// A class made per connection (per socket for datagrams), from nothing or from a context.
template <typename T>
concept serves_callbacks =
    (std::derived_from<T, net::protocol> || std::derived_from<T, net::datagram_protocol>) &&
    (std::default_initializable<T> || std::constructible_from<T, const context&>);

/// The call of a connection's function. A coroutine without a result needs no second frame.
template <typename F, typename... Arguments>
task<void> as_task(F& function, Arguments... arguments) {
    if constexpr (std::same_as<std::invoke_result_t<F&, Arguments...>, task<void>>)
        return async::invoke_user_function(function, std::move(arguments)...);
    else
        return async::run_user_function(function, std::move(arguments)...);
}

/// `handler_of(echo)`. A plain function gets the stream and returns at once. It may move the stream
/// elsewhere; the connection is closed when the function returns, as after a coroutine.
template <serves_stream F>
handler handler_of(F function) {
    return stream_handler{
        [function = std::move(function)](net::stream s, context c) mutable -> task<void> {
            if constexpr (std::invocable<F&, net::stream, context>)
                return as_task(function, std::move(s), std::move(c));
            else
                return as_task(function, std::move(s));
        }
    };
}

/// `handler_of<sum>()`: a protocol or a datagram protocol.
template <serves_callbacks T>
handler handler_of() {
    const auto make = [](const context& c) {
        if constexpr (std::constructible_from<T, const context&>)
            return std::make_unique<T>(c);
        else
            return std::make_unique<T>();
    };
    if constexpr (std::derived_from<T, net::protocol>)
        return protocol_maker{make};
    else
        return datagram_maker{make};
}

/// "a coroutine of a stream", "a protocol", "a datagram protocol": for messages.
AIO_API std::string_view describe(const handler& protocol) noexcept;

} // namespace aio::server
