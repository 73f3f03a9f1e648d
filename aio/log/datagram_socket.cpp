#include <aio/log/datagram_socket.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace aio::log {

namespace {

constexpr int send_buffer = 8 * 1024 * 1024;

bool peer_is_gone(int error) {
    return error == ECONNREFUSED || error == ENOTCONN || error == ENOENT || error == EPIPE ||
           error == ECONNRESET || error == EBADF;
}

} // namespace

datagram_target unix_target(const std::string& path) {
    datagram_target to;
    auto& address = reinterpret_cast<sockaddr_un&>(to.address);
    if (path.size() >= sizeof(address.sun_path))
        throw std::system_error(ENAMETOOLONG, std::generic_category(), "socket '" + path + "'");
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    to.size = sizeof(address);
    to.name = path;
    return to;
}

datagram_target udp_target(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    wanted.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (error != 0)
        throw std::runtime_error(fmt::format("cannot find '{}': {}", host, ::gai_strerror(error)));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    datagram_target to;
    std::memcpy(&to.address, found->ai_addr, found->ai_addrlen);
    to.size = found->ai_addrlen;
    to.name = fmt::format("{}:{}", host, port);
    return to;
}

datagram_socket::datagram_socket(datagram_target to) : to_(std::move(to)) {
    if (const int error = connect())
        throw std::system_error(error, std::generic_category(), "cannot open '" + to_.name + "'");
}

datagram_socket::~datagram_socket() {
    if (fd_ >= 0)
        ::close(fd_);
}

int datagram_socket::connect() noexcept {
    if (fd_ >= 0)
        ::close(std::exchange(fd_, -1));
    tried_ = std::chrono::steady_clock::now();
    const int fd = ::socket(to_.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to_.address), to_.size) != 0) {
        const int error = errno;
        ::close(fd);
        return error;
    }
    fd_ = fd;
    return 0;
}

int datagram_socket::send(std::string_view data) noexcept {
    const int error = try_send(data);
    if (!peer_is_gone(error) || std::chrono::steady_clock::now() - tried_ < std::chrono::seconds(1))
        return error;
    if (const int refused = connect())
        return refused;
    return try_send(data);
}

int datagram_socket::try_send(std::string_view data) const noexcept {
    if (fd_ < 0)
        return ENOTCONN;
    const auto sent = ::send(fd_, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent >= 0 ? 0 : errno;
}

int datagram_socket::send_as_file(std::string_view data) noexcept {
    const int file = ::memfd_create("aio-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0)
        return errno;
    int error = 0;
    if (::write(file, data.data(), data.size()) != static_cast<ssize_t>(data.size()) ||
        ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        error = errno != 0 ? errno : ENOSPC;
    } else {
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message{};
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &file, sizeof(int));
        if (::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            error = errno;
    }
    ::close(file);
    return error;
}

} // namespace aio::log
