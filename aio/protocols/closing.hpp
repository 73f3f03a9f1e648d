#pragma once

// How long the close of a connection may wait for its peer, and what is said of it. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/connection.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace aio::protocols {

/// How far the server or the client has come that a connection belongs to.
enum class stage : std::uint8_t {
    serving,
    stopping,  ///< what is in work may finish
    cancelled, ///< there is no time left
};

/// For a peer whose end is awaited when the stop comes.
inline constexpr base::duration hurried_linger = std::chrono::milliseconds(200);

/// How long a close may wait that begins to wait for `what` now, before it is cancelled. `linger`:
/// the option. In a stop, the wait for a close_notify begins anew while the peer reads on.
AIO_API base::duration
limit_of_close(net::close_wait what, stage now, base::duration linger) noexcept;

/// How long it may still wait for `what` when the stop comes.
AIO_API base::duration rest_of_close(net::close_wait what, base::duration linger) noexcept;

/// "connection from 127.0.0.1:4000 waits for its peer to close": for a connection `who` that no
/// protocol works on. `unconfirmed`: the bytes that its peer has not received; 0: their number is
/// not known, as of a unix socket, where the system counts its own memory.
AIO_API std::string
text_of_wait(const std::string& who, net::close_wait what, std::size_t unconfirmed);

} // namespace aio::protocols
