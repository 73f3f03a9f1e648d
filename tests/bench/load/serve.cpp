// S15: the server that the clients under test connect to. It echoes, and counts the connections
// that they have closed.

#include "child.hpp"
#include "modes.hpp"
#include "socket.hpp"
#include "window.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <unordered_map>

namespace bench {

namespace {

class echo_server {
  public:
    explicit echo_server(std::uint16_t port) : listener_(listen_on(port)) {
        poll_.add(listener_.get(), EPOLLIN, static_cast<std::size_t>(listener_.get()));
    }

    /// Serves what is ready; false if nothing was.
    bool serve();

    std::int64_t closed() const { return closed_; }

  private:
    void accept_all();
    void echo(int fd);

    descriptor listener_;
    std::unordered_map<int, descriptor> peers_;
    std::array<char, 4096> buffer_{};
    poll_set poll_;
    std::int64_t closed_ = 0;
};

bool echo_server::serve() {
    const auto ready = poll_.wait();
    for (const auto& event : ready) {
        const int fd = static_cast<int>(event.data.u64);
        if (fd == listener_.get()) {
            accept_all();
        } else {
            echo(fd);
        }
    }
    return !ready.empty();
}

void echo_server::accept_all() {
    for (descriptor peer = accept_from(listener_); peer.get() >= 0; peer = accept_from(listener_)) {
        const int fd = peer.get();
        poll_.add(fd, EPOLLIN, static_cast<std::size_t>(fd));
        peers_[fd] = std::move(peer);
    }
}

void echo_server::echo(int fd) {
    const ssize_t got = recv(fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got < 0) {
        fail("recv");
    }
    if (got == 0) {
        ++closed_;
        peers_.erase(fd);
    } else if (send(fd, buffer_.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) {
        fail("send");
    }
}

} // namespace

void serve(const options& asked) {
    need_descriptors(asked.connections);
    echo_server server(asked.port);
    child clients(asked.command);
    options watched = asked;
    watched.server = clients.pid();
    window window(watched);
    while (window.open(server.closed())) {
        if (!server.serve() && clients.ended()) {
            throw std::runtime_error("the clients have ended");
        }
    }
    window.result().print();
}

} // namespace bench
