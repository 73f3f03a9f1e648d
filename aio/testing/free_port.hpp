#pragma once

// A port of the loopback that nobody listens on: for servers that cannot take port 0. Ask for it
// late: another process may take it at any time.

#include <aio/base/api.hpp>

#include <cstdint>

namespace aio::testing {

enum class port_of { tcp, udp };

/// Throws std::system_error.
AIO_API std::uint16_t free_port(port_of kind = port_of::tcp);

} // namespace aio::testing
