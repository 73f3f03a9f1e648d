#include <aio/log/peer_socket.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

namespace aio::log {

namespace {

constexpr int send_buffer = 8 * 1024 * 1024;

/// Has the system tell of a host that cannot be reached, as of a port that nobody listens to.
void hear_of_errors(int fd, int family) {
    const int on = 1;
    if (family == AF_INET)
        ::setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    else if (family == AF_INET6)
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

peer_socket connect_as(int type, const datagram_target& peer) noexcept {
    const int family = peer.address.ss_family;
    peer_socket made;
    made.stream = type == SOCK_STREAM;
    made.file.reset(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (made.file) {
        const int fd = made.file.get();
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
        hear_of_errors(fd, family);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&peer.address), peer.size) == 0)
            return made;
    }
    made.error = errno;
    made.file.reset();
    return made;
}

} // namespace

peer_socket connect_to(const datagram_target& peer, socket_kinds allowed) noexcept {
    peer_socket made = connect_as(SOCK_DGRAM, peer);
    if (allowed == socket_kinds::any)
        for (const int type : {SOCK_STREAM, SOCK_SEQPACKET})
            if (made.error == EPROTOTYPE)
                made = connect_as(type, peer);
    return made;
}

int record_stream::send(int fd, std::string_view text) noexcept {
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    try {
        if (!rest_.empty()) {
            const auto sent = ::send(fd, rest_.data(), rest_.size(), flags);
            if (sent < 0)
                return errno;
            rest_.erase(0, static_cast<std::size_t>(sent));
            if (!rest_.empty())
                return EAGAIN;
        }
        std::string framed(text);
        std::ranges::replace(framed, '\0', ' ');
        framed += '\0';
        const auto sent = ::send(fd, framed.data(), framed.size(), flags);
        if (sent < 0)
            return errno;
        rest_ = framed.erase(0, static_cast<std::size_t>(sent));
        return 0;
    } catch (const std::exception&) {
        return ENOMEM;
    }
}

} // namespace aio::log
