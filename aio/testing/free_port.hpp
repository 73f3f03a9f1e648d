#pragma once

// A port of the loopback that nobody listens on: for what cannot be told to take port 0 and say
// which one it got. Ask late: nothing keeps others from taking it.

#include <aio/base/api.hpp>

#include <cstdint>

namespace aio::testing {

enum class port_of { tcp, udp };

/// Throws std::system_error.
AIO_API std::uint16_t free_port(port_of kind = port_of::tcp);

} // namespace aio::testing
