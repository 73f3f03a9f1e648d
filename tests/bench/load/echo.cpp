// S1 and S2: every connection keeps `outstanding` messages of `size` bytes under way. The set is
// edge triggered and a short read means drained, so that the load costs less than any server.

#include "histogram.hpp"
#include "message.hpp"
#include "modes.hpp"
#include "socket.hpp"
#include "window.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace bench {

namespace {

class echo_load {
  public:
    explicit echo_load(const options& asked);
    void run();

  private:
    struct client {
        descriptor socket;
        std::size_t sent = 0;
        std::size_t received = 0;
        nanoseconds last_sent = 0;
    };

    void receive(client& one);
    void take(client& one, std::size_t size);
    void send_ahead(client& one);
    std::size_t credit(const client& one) const;

    const options& asked_;
    std::vector<char> message_;
    std::vector<char> buffer_;
    std::vector<client> clients_;
    poll_set poll_;
    histogram latencies_;
    window window_;
    std::int64_t done_ = 0;
};

echo_load::echo_load(const options& asked)
    : asked_(asked), message_(message(asked.size)),
      buffer_(std::max<std::size_t>(asked.size * asked.outstanding, 4096)), window_(asked) {
    auto sockets =
        connect_many(asked.port, asked.connections, std::min<std::size_t>(64, asked.size));
    for (auto& socket : sockets) {
        poll_.add(socket.get(), EPOLLIN | EPOLLOUT | EPOLLET, clients_.size());
        clients_.push_back({.socket = std::move(socket)});
    }
    window_ = window(asked);
}

void echo_load::run() {
    while (window_.open(done_)) {
        for (const auto& event : poll_.wait()) {
            client& one = clients_[event.data.u64];
            if (event.events & ~EPOLLOUT) {
                receive(one);
            }
            send_ahead(one);
        }
    }
    auto line = window_.result();
    if (asked_.outstanding == 1) {
        line.add("p50_us", latencies_.percentile_us(0.5));
        line.add("p99_us", latencies_.percentile_us(0.99));
    }
    line.print();
}

void echo_load::receive(client& one) {
    for (bool more = true; more;) {
        const ssize_t got = recv(one.socket.get(), buffer_.data(), buffer_.size(), 0);
        if (got == 0) {
            throw std::runtime_error("the server closed a connection");
        }
        if (got < 0) {
            return errno == EAGAIN ? void() : fail("recv");
        }
        take(one, static_cast<std::size_t>(got));
        more = static_cast<std::size_t>(got) == buffer_.size();
    }
}

void echo_load::take(client& one, std::size_t size) {
    if (!window_.measuring() && !matches(std::span(buffer_).first(size), one.received, message_)) {
        throw std::runtime_error("the answer is not what was sent");
    }
    const std::size_t before = one.received / asked_.size;
    one.received += size;
    done_ += static_cast<std::int64_t>(one.received / asked_.size - before);
    if (asked_.outstanding == 1 && one.received == one.sent && window_.measuring()) {
        latencies_.add(now() - one.last_sent);
    }
}

void echo_load::send_ahead(client& one) {
    while (credit(one) > one.sent) {
        const std::size_t begin = one.sent % asked_.size;
        const std::size_t size = std::min(asked_.size - begin, credit(one) - one.sent);
        one.last_sent = now();
        const ssize_t sent = send(one.socket.get(), message_.data() + begin, size, MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN ? void() : fail("send");
        }
        one.sent += static_cast<std::size_t>(sent);
    }
}

std::size_t echo_load::credit(const client& one) const {
    return (one.received / asked_.size + asked_.outstanding) * asked_.size;
}

} // namespace

void echo(const options& asked) {
    echo_load load(asked);
    load.run();
}

} // namespace bench
