#pragma once

// Errors of a connection that the system has no numbers for.

#include <aio/async/timeout.hpp>
#include <aio/base/api.hpp>
#include <aio/net/deadlines.hpp>

#include <system_error>

namespace aio::net {

enum class errc {
    unexpected_end = 1, ///< the peer ended the stream before read_exactly had all
    too_long,           ///< no delimiter within the limit of read_until or read_line
    truncated,          ///< TLS: the connection ended without the peer's close_notify
    handshake_timeout,  ///< TLS: the handshake took longer than its deadline
    idle,               ///< the connection was silent for longer than idle_timeout
    stopping,           ///< the server stops before the peer has sent its end
    no_alpn,            ///< TLS: the peer has chosen no application protocol
    too_slow,           ///< the peer does not read: too much was kept for it, or for too long
    short_file,         ///< send_file: the file ends before what is to be sent
    expired,            ///< the deadline of the connection has passed
    no_data,            ///< TLS: the peer sends on and on, and none of it is data
};

AIO_API const std::error_category& net_category() noexcept;
/// Errors of OpenSSL, packed; the message is its own text, or what an alert of the peer means.
AIO_API const std::error_category& tls_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), net_category()};
}

/// getaddrinfo's numbers.
AIO_API const std::error_category& resolver_category() noexcept;

/// The peer is gone (reset, broken pipe, timed out): normal on a network, worth a DEBUG line.
AIO_API bool is_disconnect(const std::error_code& e) noexcept;

/// The peer ended amid a message, or broke the rules of TLS: the peer's fault, if the connection
/// has ended.
AIO_API bool is_fault_of_peer(const std::error_code& e) noexcept;

/// The connection was ended on this side: the server stops, or the time is over.
AIO_API bool is_own_end(const std::error_code& e) noexcept;

/// Thrown by a wait of a stream whose time is over: by its patience or by its deadline.
struct AIO_API connection_timeout : async::timeout_error {
    connection_timeout(side which, deadlines::end why);

    side which;
    deadlines::end why;
};

} // namespace aio::net

template <>
struct std::is_error_code_enum<aio::net::errc> : std::true_type {};
