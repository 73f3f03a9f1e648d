#pragma once

// Receiving and sending datagrams on a socket that is bound to all addresses, so that an answer
// leaves from the address that was asked: without that the kernel picks one, and a client that is
// connected to another address never hears the answer. Private to net/.

#include <aio/net/address.hpp>

#include <sys/types.h>

#include <cstddef>
#include <span>

namespace aio::net {

/// Asks the system to tell where each datagram was sent to. False: `fd` is bound to one address (or
/// is no UDP socket), so that it has only one to answer from. Throws std::system_error.
bool tell_asked(int fd);

/// Like recvfrom(2). `from` has asked() if tell_asked() has returned true for the socket.
ssize_t receive_asked(int fd, std::span<std::byte> room, address& from) noexcept;

/// Like sendto(2), from the address target.asked() if the machine still has it.
ssize_t send_asked(int fd, std::span<const std::byte> data, const address& target) noexcept;

} // namespace aio::net
