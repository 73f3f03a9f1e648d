#pragma once

// Sockets: descriptors with an owner, their options, and the addresses of both ends.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>

#include <string>
#include <system_error>

namespace aio::net {

using socket = base::descriptor;

/// Non-blocking and closed on exec. Throws std::system_error.
AIO_API socket open_socket(int family, int type);
/// Sets an integer option; throws std::system_error that says `text`.
AIO_API void set_option(const socket& target, int level, int name, int value, const char* text);
/// Limits what the system takes beyond the bytes on their way, for a TCP socket. The connections
/// that a listening socket accepts inherit it. Throws std::system_error.
AIO_API void set_unsent(const socket& target, base::size most);
/// The socket sends and receives by this interface only, whatever the routes say. Throws
/// std::system_error, of ENODEV when there is none of this name.
AIO_API void set_interface(const socket& target, const std::string& name);
AIO_API address local_address(int fd) noexcept;
AIO_API address peer_address(int fd) noexcept;

} // namespace aio::net
