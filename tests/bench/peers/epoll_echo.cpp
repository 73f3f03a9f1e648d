// TCP echo by hand: one level-triggered epoll set, one shared buffer, no state for an idle
// connection. What the kernel alone costs; nothing built on top can be much faster.

#include "peer.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <unordered_map>

namespace {

class echo_server {
  public:
    explicit echo_server(std::uint16_t port);
    [[noreturn]] void run();

  private:
    void accept_one();
    void serve(int socket, std::uint32_t events);
    void echo(int socket);
    void flush(int socket);
    void keep_rest(int socket, std::span<const char> rest);
    void drop(int socket);
    void watch(int operation, int socket, std::uint32_t events) const;

    int epoll_ = epoll_create1(0);
    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    std::array<char, 256 * 1024> buffer_{};
    std::unordered_map<int, std::string> unsent_;
};

echo_server::echo_server(std::uint16_t port) {
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); // inherited
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, SOMAXCONN) != 0) {
        std::perror("bind");
        std::exit(1);
    }
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
}

void echo_server::run() {
    std::array<epoll_event, 256> events;
    for (;;) {
        const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            if (events[i].data.fd == listener_) {
                accept_one();
            } else {
                serve(events[i].data.fd, events[i].events);
            }
        }
    }
}

void echo_server::accept_one() {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (socket >= 0) {
        watch(EPOLL_CTL_ADD, socket, EPOLLIN);
    }
}

void echo_server::serve(int socket, std::uint32_t events) {
    if (events & EPOLLOUT) {
        flush(socket);
    } else {
        echo(socket);
    }
}

void echo_server::echo(int socket) {
    const ssize_t got = recv(socket, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) {
            drop(socket);
        }
        return;
    }
    const ssize_t sent = send(socket, buffer_.data(), got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        drop(socket);
    } else if (sent < got) {
        const auto rest = std::span(buffer_).first(got).subspan(sent < 0 ? 0 : sent);
        keep_rest(socket, rest);
    }
}

void echo_server::keep_rest(int socket, std::span<const char> rest) {
    unsent_[socket].assign(rest.begin(), rest.end());
    watch(EPOLL_CTL_MOD, socket, EPOLLOUT);
}

void echo_server::flush(int socket) {
    std::string& rest = unsent_[socket];
    const ssize_t sent = send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN) {
            drop(socket);
        }
        return;
    }
    rest.erase(0, static_cast<std::size_t>(sent));
    if (rest.empty()) {
        unsent_.erase(socket);
        watch(EPOLL_CTL_MOD, socket, EPOLLIN);
    }
}

void echo_server::drop(int socket) {
    unsent_.erase(socket);
    close(socket);
}

void echo_server::watch(int operation, int socket, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.fd = socket}};
    epoll_ctl(epoll_, operation, socket, &event);
}

} // namespace

int main(int argc, char** argv) {
    echo_server server(peer::port_of(argc, argv));
    server.run();
}
