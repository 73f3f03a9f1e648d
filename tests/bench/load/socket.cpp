#include "socket.hpp"

#include "message.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

constexpr int patience_ms = 10'000;

sockaddr_in address(std::uint32_t host, std::uint16_t port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(port);
    made.sin_addr.s_addr = htonl(host);
    return made;
}

void bind_source(int fd, source_addresses& sources) {
    const int yes = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    const auto source = address(sources.next(), 0);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
        fail("bind");
    }
}

void receive_all(int fd, std::span<char> into) {
    while (!into.empty()) {
        await(fd, POLLIN, "answer");
        const ssize_t got = recv(fd, into.data(), into.size(), 0);
        if (got <= 0) {
            fail(got == 0 ? "the server closed instead of answering" : "recv");
        }
        into = into.subspan(static_cast<std::size_t>(got));
    }
}

void exchange_once(std::span<const descriptor> connections, std::size_t size) {
    const auto sent = message(size);
    std::vector<char> got(size);
    for (const auto& one : connections) {
        if (send(one.get(), sent.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) {
            fail("send");
        }
    }
    for (const auto& one : connections) {
        receive_all(one.get(), got);
        if (got != sent) {
            throw std::runtime_error("the answer is not what was sent");
        }
    }
}

} // namespace

void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void await(int fd, short events, const char* what) {
    pollfd waiting{.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&waiting, 1, patience_ms);
    if (ready == 0) {
        throw std::runtime_error(std::string(what) + ": nothing happened for 10 s");
    }
}

void finish_connect(int fd) {
    await(fd, POLLOUT, "connect");
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        errno = error;
        fail("connect");
    }
}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
}

descriptor::~descriptor() {
    reset();
}

void descriptor::reset() {
    if (const int fd = std::exchange(fd_, -1); fd >= 0) {
        close(fd);
    }
}

std::uint32_t source_addresses::next() {
    return INADDR_LOOPBACK + 1 + turn_++ % 250;
}

descriptor start_connect(std::uint16_t port, source_addresses& sources) {
    descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (made.get() < 0) {
        fail("socket");
    }
    const int yes = 1;
    setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    bind_source(made.get(), sources);
    const auto server = address(INADDR_LOOPBACK, port);
    const auto* to = reinterpret_cast<const sockaddr*>(&server);
    if (connect(made.get(), to, sizeof server) != 0 && errno != EINPROGRESS) {
        fail("connect");
    }
    return made;
}

std::vector<descriptor> connect_many(std::uint16_t port, std::size_t count, std::size_t size) {
    constexpr std::size_t batch = 128;
    need_descriptors(count);
    source_addresses sources;
    std::vector<descriptor> made;
    made.reserve(count);
    while (made.size() < count) {
        const std::size_t first = made.size();
        while (made.size() < std::min(count, first + batch)) {
            made.push_back(start_connect(port, sources));
        }
        for (std::size_t i = first; i < made.size(); ++i) {
            finish_connect(made[i].get());
        }
        exchange_once(std::span(made).subspan(first), size);
    }
    return made;
}

descriptor listen_on(std::uint16_t port) {
    descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); // inherited
    const auto any = address(INADDR_ANY, port);
    if (bind(made.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 ||
        listen(made.get(), SOMAXCONN) != 0) {
        fail("listen");
    }
    return made;
}

descriptor accept_from(const descriptor& listener) {
    descriptor made(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (made.get() < 0 && errno != EAGAIN) {
        fail("accept");
    }
    return made;
}

bool input_ended() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return poll(&input, 1, 0) != 0;
}

descriptor open_udp(std::uint16_t port, source_addresses& sources) {
    descriptor made(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (made.get() < 0) {
        fail("socket");
    }
    bind_source(made.get(), sources);
    const auto server = address(INADDR_LOOPBACK, port);
    if (connect(made.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
        fail("connect");
    }
    return made;
}

void need_descriptors(std::size_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < count + 32) {
        throw std::runtime_error(
            std::to_string(count) + " connections need a higher hard limit of open files than " +
            std::to_string(limit.rlim_max) + " (ulimit -Hn)"
        );
    }
}

poll_set::poll_set() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) {
        fail("epoll_create1");
    }
}

void poll_set::add(int fd, std::uint32_t events, std::size_t index) const {
    epoll_event event{.events = events, .data = {.u64 = index}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

std::span<const epoll_event> poll_set::wait() {
    const int ready = epoll_wait(epoll_.get(), events_.data(), events_.size(), 10);
    if (ready < 0 && errno != EINTR) {
        fail("epoll_wait");
    }
    return std::span(events_).first(static_cast<std::size_t>(std::max(ready, 0)));
}

} // namespace bench
