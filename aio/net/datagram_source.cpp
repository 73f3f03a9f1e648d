#include <aio/base/descriptor.hpp>
#include <aio/net/datagram_source.hpp>
#include <aio/net/socket.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

namespace aio::net {

namespace {

// Room for the control messages of both families.
constexpr std::size_t control_size =
    CMSG_SPACE(sizeof(::in6_pktinfo)) + CMSG_SPACE(sizeof(::in_pktinfo));

void switch_on(int fd, int level, int option) {
    const int yes = 1;
    if (::setsockopt(fd, level, option, &yes, sizeof yes) != 0)
        throw std::system_error(errno, std::system_category(), "the address asked for");
}

address made_of(const ::in_addr& ip) noexcept {
    ::sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_addr = ip;
    return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
}

address made_of(const ::in6_addr& ip, unsigned int interface) noexcept {
    ::sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_addr = ip;
    if (IN6_IS_ADDR_LINKLOCAL(&ip))
        made.sin6_scope_id = interface;
    return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
}

// For a broadcast, the system names the local address to answer from. The address of a multicast
// group is never a source.
address asked_of(const ::cmsghdr& message) noexcept {
    if (message.cmsg_level == IPPROTO_IP && message.cmsg_type == IP_PKTINFO) {
        ::in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(&message), sizeof info);
        return info.ipi_spec_dst.s_addr == INADDR_ANY ? address{} : made_of(info.ipi_spec_dst);
    }
    if (message.cmsg_level == IPPROTO_IPV6 && message.cmsg_type == IPV6_PKTINFO) {
        ::in6_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(&message), sizeof info);
        const bool usable =
            !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr) && !IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr);
        return usable ? made_of(info.ipi6_addr, info.ipi6_ifindex) : address{};
    }
    return {};
}

template <typename Info>
void put(::msghdr& message, int level, int type, const Info& info) noexcept {
    ::cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
}

// The routes choose the interface, except for link-local addresses, which have no meaning without
// one.
void put_source(::msghdr& message, const address& source) noexcept {
    if (source.kind() == family::v4) {
        ::in_pktinfo info{};
        info.ipi_spec_dst = reinterpret_cast<const ::sockaddr_in*>(source.raw())->sin_addr;
        put(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        const auto& from = *reinterpret_cast<const ::sockaddr_in6*>(source.raw());
        ::in6_pktinfo info{};
        info.ipi6_addr = from.sin6_addr;
        info.ipi6_ifindex = from.sin6_scope_id;
        put(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

} // namespace

bool tell_asked(int fd) {
    const address bound = local_address(fd);
    if (bound.kind() == family::v4) {
        const auto& ip = reinterpret_cast<const ::sockaddr_in*>(bound.raw())->sin_addr;
        if (ip.s_addr != INADDR_ANY)
            return false;
        switch_on(fd, IPPROTO_IP, IP_PKTINFO);
        return true;
    }
    if (bound.kind() != family::v6)
        return false;
    if (!IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const ::sockaddr_in6*>(bound.raw())->sin6_addr))
        return false;
    switch_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    switch_on(fd, IPPROTO_IP, IP_PKTINFO);
    return true;
}

ssize_t receive_asked(int fd, std::span<std::byte> room, address& from) noexcept {
    alignas(::cmsghdr) char control[control_size];
    ::iovec part{room.data(), room.size()};
    ::msghdr message{};
    message.msg_name = from.raw();
    message.msg_namelen = address::capacity;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t count = ::recvmsg(fd, &message, MSG_TRUNC);
    if (count < 0)
        return count;
    from.size(message.msg_namelen);
    from.asked({});
    for (::cmsghdr* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one))
        if (const address found = asked_of(*one); found.kind() != family::none)
            from.asked(found);
    return count;
}

ssize_t send_asked(int fd, std::span<const std::byte> data, const address& target) noexcept {
    const address source = target.asked();
    alignas(::cmsghdr) char control[control_size]{};
    ::iovec part{const_cast<std::byte*>(data.data()), data.size()};
    ::msghdr message{};
    message.msg_name = const_cast<::sockaddr*>(target.raw());
    message.msg_namelen = target.size();
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (source.kind() != family::none) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        put_source(message, source);
    }
    const ssize_t count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    // The address has gone meanwhile, has no route there, or belongs to another family.
    if (count < 0 && message.msg_control && errno != EAGAIN && errno != ENOBUFS && errno != EINTR &&
        errno != EMSGSIZE) {
        message.msg_control = nullptr;
        message.msg_controllen = 0;
        return ::sendmsg(fd, &message, MSG_NOSIGNAL);
    }
    return count;
}

} // namespace aio::net
