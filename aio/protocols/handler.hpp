#pragma once

// What serves a connection, of a server or of a client: a coroutine, a function or a class with
// callbacks. The type is erased once, at the registration.

#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/net/datagram.hpp>
#include <aio/net/protocol.hpp>
#include <aio/net/stream.hpp>
#include <aio/protocols/context.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace aio::protocols {

using stream_handler = std::function<task<void>(net::stream, service::context)>;
using protocol_maker = std::function<std::unique_ptr<net::protocol>(const service::context&)>;
using datagram_maker =
    std::function<std::unique_ptr<net::datagram_protocol>(const service::context&)>;

/// What a full server says to a connection that it refuses; empty: nothing.
using last_word = std::function<std::string(const service::context&)>;

struct handler : std::variant<stream_handler, protocol_maker, datagram_maker> {
    using variant::variant;

    last_word refused; ///< may be empty
};

/// Whose connections a protocol serves. Without a context it serves both sides.
enum class sides : std::uint8_t { server = 1, client = 2, both = 3 };

constexpr bool includes(sides all, sides wanted) noexcept {
    return (static_cast<int>(all) & static_cast<int>(wanted)) == static_cast<int>(wanted);
}

/// The object of a module::item of kind "protocol".
struct registered {
    handler serve;
    sides fits = sides::both;
};

inline bool takes_datagrams(const handler& protocol) noexcept {
    return std::holds_alternative<datagram_maker>(protocol);
}

/// A function of a stream and a context.
template <typename F, typename Context>
concept serves_stream_with = std::invocable<F&, net::stream, Context>;

/// A function of a stream, with or without a context, coroutine or not.
template <typename F>
concept serves_stream = std::invocable<F&, net::stream> || serves_stream_with<F, server_context> ||
                        serves_stream_with<F, client_context>;

/// A class whose last word depends on the server, or does not: a static function of a class with
/// callbacks, because no object is made for a connection that is refused; any other member of a
/// class with a call operator.
template <typename F>
concept refuses_with_context = requires(F& f, const server_context& c) {
    { f.refused(c) } -> std::convertible_to<std::string>;
};

template <typename F>
concept refuses = requires(F& f) {
    { f.refused() } -> std::convertible_to<std::string>;
};

template <typename T>
concept refuses_as_class =
    requires(const server_context& c) { T::refused(c); } || requires { T::refused(); };

/// A class made per connection (per socket for datagrams), from nothing or from a context.
template <typename T>
concept serves_callbacks =
    (std::derived_from<T, net::protocol> || std::derived_from<T, net::datagram_protocol>) &&
    (std::default_initializable<T> || std::constructible_from<T, const server_context&> ||
     std::constructible_from<T, const client_context&>);

constexpr sides sides_of(bool with_server_context, bool with_client_context) noexcept {
    return with_server_context == with_client_context ? sides::both
           : with_server_context                      ? sides::server
                                                      : sides::client;
}

template <serves_stream F>
inline constexpr sides sides_of_function =
    sides_of(serves_stream_with<F, server_context>, serves_stream_with<F, client_context>);

template <serves_callbacks T>
inline constexpr sides sides_of_class =
    sides_of(std::constructible_from<T, const server_context&>, std::constructible_from<T, const client_context&>);

/// The call of a connection's function. A coroutine without a result needs no second frame.
template <typename F, typename... Arguments>
task<void> as_task(F& function, Arguments... arguments) {
    if constexpr (std::same_as<std::invoke_result_t<F&, Arguments...>, task<void>>)
        return async::invoke_user_function(function, std::move(arguments)...);
    else
        return async::run_user_function(function, std::move(arguments)...);
}

template <typename F>
last_word last_word_of(const F& function) {
    if constexpr (refuses_with_context<F>)
        return [function](const service::context& c) mutable -> std::string {
            return function.refused(server_context(c));
        };
    else if constexpr (refuses<F>)
        return [function](const service::context&) mutable -> std::string {
            return function.refused();
        };
    else
        return nullptr;
}

template <typename T>
last_word last_word_of() {
    if constexpr (requires(const server_context& c) { T::refused(c); })
        return
            [](const service::context& c) -> std::string { return T::refused(server_context(c)); };
    else if constexpr (requires { T::refused(); })
        return [](const service::context&) -> std::string { return T::refused(); };
    else
        return nullptr;
}

/// `handler_of(echo)`. A plain function gets the stream and returns at once. It may move the stream
/// elsewhere; the connection is closed when the function returns, as after a coroutine.
template <serves_stream F>
handler handler_of(F function) {
    last_word refused = last_word_of(function);
    handler made = stream_handler{
        [function = std::move(function)](net::stream s, service::context c) mutable -> task<void> {
            if constexpr (serves_stream_with<F, server_context>)
                return as_task(function, std::move(s), server_context(std::move(c)));
            else if constexpr (serves_stream_with<F, client_context>)
                return as_task(function, std::move(s), client_context(std::move(c)));
            else
                return as_task(function, std::move(s));
        }
    };
    made.refused = std::move(refused);
    return made;
}

/// `handler_of<sum>()`: a protocol or a datagram protocol.
template <serves_callbacks T>
handler handler_of() {
    const auto make = [](const service::context& c) {
        if constexpr (std::constructible_from<T, const server_context&>)
            return std::make_unique<T>(server_context(c));
        else if constexpr (std::constructible_from<T, const client_context&>)
            return std::make_unique<T>(client_context(c));
        else
            return std::make_unique<T>();
    };
    if constexpr (std::derived_from<T, net::protocol>) {
        static_assert(
            refuses_as_class<T> || !(refuses<T> || refuses_with_context<T>),
            "refused() of a protocol class is static: no object is made for a connection that is "
            "refused"
        );
        handler made = protocol_maker{make};
        made.refused = last_word_of<T>();
        return made;
    } else {
        return datagram_maker{make};
    }
}

/// "a coroutine of a stream", "a protocol", "a datagram protocol": for messages.
AIO_API std::string_view describe(const handler& protocol) noexcept;

} // namespace aio::protocols
