#pragma once

// What a client is doing, as `aio graph` and SIGUSR2 show it. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/client/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aio::client {

enum class link_state : std::uint8_t {
    stopped,
    resolving,
    connecting,
    securing,
    up,
    waiting,
    crashed,
};

AIO_API std::string_view name(link_state state) noexcept;

/// One of the connections that a client wants.
struct link_view {
    link_state state = link_state::stopped;
    base::duration left{0};        ///< waiting: until the next attempt
    std::size_t ends = 0;          ///< failures and ends, since the last steady connection
    failure last = failure::ended; ///< of them
};

/// "up"; "waits 2.1 s, 7 failures, last: refused"; of several "2 of 3 up" with the worst of the
/// others.
AIO_API std::string describe(std::span<const link_view> links);

} // namespace aio::client
