#include <aio/base/descriptor.hpp>
#include <aio/testing/free_port.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace aio::testing {

std::uint16_t free_port(port_of kind) {
    const int type = kind == port_of::tcp ? SOCK_STREAM : SOCK_DGRAM;
    const base::descriptor socket{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), raw, size) != 0 ||
        ::getsockname(socket.get(), raw, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot find a free port");
    return ntohs(address.sin_port);
}

} // namespace aio::testing
