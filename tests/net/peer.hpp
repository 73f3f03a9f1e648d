#pragma once

// The other end of a connection, for tests: plain blocking sockets that give up after a minute,
// used from the test's own thread while the loop runs on another, or in turns with it.

#include <aio/net/address.hpp>
#include <aio/net/socket.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace support {

class peer {
  public:
    explicit peer(aio::net::socket connected) : socket_(std::move(connected)) {
        ::timeval limit{60, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    static peer connect(const aio::net::address& target, int type = SOCK_STREAM) {
        aio::net::socket made{::socket(target.raw()->sa_family, type | SOCK_CLOEXEC, 0)};
        if (::connect(made.get(), target.raw(), target.size()) != 0)
            throw std::system_error(errno, std::system_category(), "connect " + target.text());
        return peer(std::move(made));
    }

    /// Of a text as servers give it: "*:80" is asked for on loopback.
    static peer connect(std::string endpoint, int type = SOCK_STREAM) {
        if (endpoint.starts_with("*"))
            endpoint = "127.0.0.1" + endpoint.substr(1);
        const auto ip = aio::net::address::parse_with_port(endpoint);
        return connect(ip ? *ip : aio::net::address::unix_socket(endpoint).value(), type);
    }

    int fd() const { return socket_.get(); }

    void send(std::string_view text) {
        while (!text.empty()) {
            const auto count = ::send(fd(), text.data(), text.size(), MSG_NOSIGNAL);
            if (count < 0)
                throw std::system_error(errno, std::system_category(), "send");
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// What comes next; empty: the end.
    std::string receive(std::size_t most = 65536) {
        std::string into(most, '\0');
        const auto count = ::recv(fd(), into.data(), into.size(), 0);
        if (count < 0)
            throw std::system_error(errno, std::system_category(), "recv");
        into.resize(static_cast<std::size_t>(count));
        return into;
    }

    std::string receive_exactly(std::size_t size) {
        std::string all;
        while (all.size() < size) {
            const std::string more = receive(size - all.size());
            if (more.empty())
                break;
            all += more;
        }
        return all;
    }

    std::string receive_all() {
        std::string all;
        for (std::string more = receive(); !more.empty(); more = receive())
            all += more;
        return all;
    }

    void end() { ::shutdown(fd(), SHUT_WR); }

    /// Waits until all that was sent, an end too, is at the other side, read or not. TCP only.
    void arrived() const {
        int left = 1;
        for (int i = 0; i < 60'000 && left > 0; ++i)
            if (::ioctl(fd(), SIOCOUTQ, &left) != 0)
                throw std::system_error(errno, std::system_category(), "SIOCOUTQ");
            else if (left > 0)
                ::usleep(1000);
    }

    void reset() {
        const ::linger now{1, 0};
        ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        socket_.reset();
    }

    void close() { socket_.reset(); }

    void small_buffers() {
        const int size = 4096;
        ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }

    /// Something, or the end, is there within the time.
    bool readable(std::chrono::milliseconds within) {
        ::pollfd one{fd(), POLLIN, 0};
        return ::poll(&one, 1, static_cast<int>(within.count())) == 1;
    }

  private:
    aio::net::socket socket_;
};

/// A connected pair over loopback: ours non-blocking, the other for a peer.
inline std::pair<aio::net::socket, aio::net::socket> tcp_pair() {
    aio::net::socket listening{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto at = *aio::net::address::parse("127.0.0.1", 0);
    if (::bind(listening.get(), at.raw(), at.size()) != 0 || ::listen(listening.get(), 1) != 0)
        throw std::system_error(errno, std::system_category(), "listen");
    at = aio::net::local_address(listening.get());
    aio::net::socket other{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(other.get(), at.raw(), at.size()) != 0)
        throw std::system_error(errno, std::system_category(), "connect");
    aio::net::socket ours{::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)
    };
    return {std::move(ours), std::move(other)};
}

/// Whether this machine has the address.
inline bool present(const std::string& host) {
    const auto at = *aio::net::address::parse(host, 0);
    const aio::net::socket any{::socket(at.raw()->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    return any && ::bind(any.get(), at.raw(), at.size()) == 0;
}

} // namespace support
