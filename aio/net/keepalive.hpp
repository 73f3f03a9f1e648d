#pragma once

// How the kernel notices that the peer of a TCP connection is gone: by keepalive when the
// connection is silent, by the user timeout when sent data is not confirmed.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/socket.hpp>

namespace aio::net {

/// The kernel counts in whole seconds: fractions are rounded up. A peer that does not answer is
/// given up after `silence + probes * interval`, with the defaults after two minutes.
struct keepalive {
    base::duration silence = std::chrono::seconds(60);  ///< before the first probe
    base::duration interval = std::chrono::seconds(15); ///< from one probe to the next
    int probes = 4;                                     ///< unanswered ones until the end

    /// The largest values that the kernel takes.
    static constexpr base::duration longest = std::chrono::seconds(32767);
    static constexpr int most_probes = 127;

    friend bool operator==(const keepalive&, const keepalive&) = default;
};

/// Turns keepalive on for a TCP socket. The connections that a listening socket accepts inherit it.
/// Throws std::system_error naming the option.
AIO_API void set_keepalive(const socket& target, const keepalive& timing);

/// The connection fails with ETIMEDOUT when sent data is not confirmed for `limit`, or waits so
/// long because the peer does not read. Inherited and thrown as above.
AIO_API void set_user_timeout(const socket& target, base::duration limit);

} // namespace aio::net
