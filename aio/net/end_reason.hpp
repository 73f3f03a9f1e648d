#pragma once

// Why a connection receives no more data. Only data that the peer has ended itself is complete.

#include <aio/base/api.hpp>

#include <cstdint>
#include <string_view>

namespace aio::net {

enum class end_reason : std::uint8_t {
    none,      ///< more may come
    peer,      ///< the peer sent its end: what was received is complete
    truncated, ///< TLS: the connection ended without the peer's close_notify
    stopping,  ///< the server stops and reads no more
    idle,      ///< the connection was silent for longer than idle_timeout
    failed,    ///< the connection broke: a reset, a timeout of the system
};

/// What this side ends its input for, after `next` follows `before`: the first reason counts, but a
/// silent peer ends what a stop has left open.
constexpr end_reason asked(end_reason before, end_reason next) noexcept {
    const bool replaces = before == end_reason::none || next == end_reason::idle;
    return replaces ? next : before;
}

/// "the peer ended the stream" and such, for messages.
AIO_API std::string_view describe(end_reason reason) noexcept;

} // namespace aio::net
