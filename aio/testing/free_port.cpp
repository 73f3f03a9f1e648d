#include <aio/testing/free_port.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace aio::testing {

namespace {

struct owned {
    int fd;

    ~owned() {
        if (fd >= 0)
            ::close(fd);
    }
};

} // namespace

std::uint16_t free_port(port_of kind) {
    const int type = kind == port_of::tcp ? SOCK_STREAM : SOCK_DGRAM;
    const owned socket{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (socket.fd < 0 || ::bind(socket.fd, raw, size) != 0 ||
        ::getsockname(socket.fd, raw, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot find a free port");
    return ntohs(address.sin_port);
}

} // namespace aio::testing
