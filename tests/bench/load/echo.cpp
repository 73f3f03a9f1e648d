// S1 and S2: every connection keeps `outstanding` messages of `size` bytes under way. The set is
// edge triggered and a short read means drained, so that the load costs less than any server. Over
// TLS a read gives one record at most, so it is drained when it says so.

#include "histogram.hpp"
#include "message.hpp"
#include "modes.hpp"
#include "socket.hpp"
#include "tls.hpp"
#include "window.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>

namespace bench {

namespace {

class echo_load {
  public:
    explicit echo_load(const options& asked);
    void run();

  private:
    struct client {
        descriptor socket = {};
        std::unique_ptr<tls_client> tls = {}; ///< in place of the socket
        std::size_t sent = 0;
        std::size_t received = 0;
        nanoseconds last_sent = 0;
    };

    void connect();
    void receive(client& one);
    ssize_t receive_some(client& one);
    static ssize_t send_some(client& one, std::span<const char> data);
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
    connect();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const int fd = asked.tls ? clients_[i].tls->fd() : clients_[i].socket.get();
        poll_.add(fd, EPOLLIN | EPOLLOUT | EPOLLET, i);
    }
    window_ = window(asked);
}

void echo_load::connect() {
    if (asked_.tls) {
        for (auto& tls : connect_tls(make_tls_rules(), asked_.port, asked_.connections)) {
            clients_.push_back({.tls = std::move(tls)});
        }
        return;
    }
    const std::size_t first = std::min<std::size_t>(64, asked_.size);
    for (auto& socket : connect_many(asked_.port, asked_.connections, first)) {
        clients_.push_back({.socket = std::move(socket)});
    }
}

ssize_t echo_load::receive_some(client& one) {
    if (one.tls) {
        return one.tls->receive(buffer_);
    }
    const ssize_t got = recv(one.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno != EAGAIN) {
        fail("recv");
    }
    return got;
}

ssize_t echo_load::send_some(client& one, std::span<const char> data) {
    if (one.tls) {
        return one.tls->send(data);
    }
    const ssize_t sent = send(one.socket.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("send");
    }
    return sent;
}

void echo_load::run() {
    while (window_.open(done_)) {
        for (const auto& event : poll_.wait()) {
            client& one = clients_[event.data.u64];
            if ((event.events & ~EPOLLOUT) || one.tls) {
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
        const ssize_t got = receive_some(one);
        if (got == 0) {
            throw std::runtime_error("the server closed a connection");
        }
        if (got < 0) {
            return;
        }
        take(one, static_cast<std::size_t>(got));
        more = one.tls || static_cast<std::size_t>(got) == buffer_.size();
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
        const ssize_t sent = send_some(one, std::span(message_).subspan(begin, size));
        if (sent < 0) {
            return;
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
