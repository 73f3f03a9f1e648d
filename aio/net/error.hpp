#pragma once

// Errors of a connection that the system has no numbers for.

#include <aio/base/api.hpp>

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
    too_slow,           ///< the peer does not read: more than max_buffered was kept for it
};

AIO_API const std::error_category& net_category() noexcept;
/// Errors of OpenSSL, packed; the message is its own text.
AIO_API const std::error_category& tls_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), net_category()};
}

/// getaddrinfo's numbers.
AIO_API const std::error_category& resolver_category() noexcept;

/// The peer is gone (reset, broken pipe, timed out): normal on a network, worth a DEBUG line.
AIO_API bool is_disconnect(const std::error_code& e) noexcept;

/// The server ended the connection itself: it stops, or the peer was silent for too long.
AIO_API bool is_own_end(const std::error_code& e) noexcept;

} // namespace aio::net

template <>
struct std::is_error_code_enum<aio::net::errc> : std::true_type {};
