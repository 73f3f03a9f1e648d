#include <aio/base/system_reason.hpp>
#include <aio/net/socket.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

namespace aio::net {

socket open_socket(int family, int type) {
    socket made{::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!made)
        throw base::system_failure(errno, "socket");
    return made;
}

void set_option(const socket& target, int level, int name, int value, const char* text) {
    if (::setsockopt(target.get(), level, name, &value, sizeof value) != 0)
        throw base::system_failure(errno, text);
}

void set_unsent(const socket& target, base::size most) {
    constexpr std::uint64_t possible = std::numeric_limits<int>::max();
    const int value = static_cast<int>(std::min(most.bytes, possible));
    set_option(target, IPPROTO_TCP, TCP_NOTSENT_LOWAT, value, "TCP_NOTSENT_LOWAT");
}

void set_interface(const socket& target, const std::string& name) {
    const auto size = static_cast<::socklen_t>(name.size());
    if (::setsockopt(target.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(), size) != 0)
        throw base::system_failure(errno, "the interface " + name);
}

namespace {

address name_of(int fd, int (*ask)(int, ::sockaddr*, ::socklen_t*)) noexcept {
    address found;
    ::socklen_t size = address::capacity;
    if (ask(fd, found.raw(), &size) != 0)
        return {};
    found.size(size < address::capacity ? size : address::capacity);
    return found;
}

} // namespace

address local_address(int fd) noexcept {
    return name_of(fd, [](int f, ::sockaddr* a, ::socklen_t* s) { return ::getsockname(f, a, s); });
}

address peer_address(int fd) noexcept {
    return name_of(fd, [](int f, ::sockaddr* a, ::socklen_t* s) { return ::getpeername(f, a, s); });
}

} // namespace aio::net
