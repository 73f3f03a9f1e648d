#include <aio/base/system_reason.hpp>
#include <aio/net/socket.hpp>

#include <sys/socket.h>

#include <cerrno>

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
