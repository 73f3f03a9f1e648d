#pragma once

// How long the close of a connection waits for its peer as long as nothing hurries it. Pure.

#include <aio/base/units.hpp>
#include <aio/net/connection.hpp>

#include <chrono>

namespace aio::net {

/// For a peer that has to read before what was sent has reached it.
inline constexpr base::duration delivery_limit = std::chrono::seconds(60);
/// For the end of a peer that sends what nobody reads.
inline constexpr base::duration usual_linger = std::chrono::seconds(2);

/// How long a close may wait that begins to wait for `what` now.
constexpr base::duration
limit_of_close(close_wait what, base::duration linger = usual_linger) noexcept {
    return what == close_wait::peer_end ? linger : delivery_limit;
}

} // namespace aio::net
