// S10: every socket keeps one datagram under way; one that does not come back is lost and sent
// anew.

#include "message.hpp"
#include "modes.hpp"
#include "socket.hpp"
#include "window.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

namespace bench {

namespace {

constexpr nanoseconds lost_after = 100'000'000;

class udp_load {
  public:
    explicit udp_load(const options& asked);
    void run();

  private:
    struct client {
        descriptor socket;
        nanoseconds sent = 0;
    };

    void send_message(client& one);
    void receive(client& one);
    void resend_lost();

    std::vector<char> message_;
    std::vector<char> buffer_;
    std::vector<client> clients_;
    source_addresses sources_;
    poll_set poll_;
    window window_;
    nanoseconds next_check_ = 0;
    std::int64_t done_ = 0;
    std::int64_t lost_ = 0;
};

udp_load::udp_load(const options& asked)
    : message_(message(asked.size)), buffer_(asked.size + 1), window_(asked) {
    need_descriptors(asked.connections);
    for (std::size_t i = 0; i < asked.connections; ++i) {
        clients_.push_back({.socket = open_udp(asked.port, sources_)});
        poll_.add(clients_.back().socket.get(), EPOLLIN, i);
    }
}

void udp_load::run() {
    for (auto& one : clients_) {
        send_message(one);
    }
    while (window_.open(done_)) {
        for (const auto& event : poll_.wait()) {
            receive(clients_[event.data.u64]);
        }
        resend_lost();
    }
    window_.result().add("lost", lost_).print();
}

void udp_load::send_message(client& one) {
    one.sent = now();
    if (send(one.socket.get(), message_.data(), message_.size(), 0) < 0) {
        fail("send");
    }
}

void udp_load::receive(client& one) {
    const ssize_t got = recv(one.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0) {
        return errno == EAGAIN ? void() : fail("recv");
    }
    const auto datagram = std::span(buffer_).first(static_cast<std::size_t>(got));
    if (datagram.size() != message_.size() || !matches(datagram, 0, message_)) {
        throw std::runtime_error("the answer is not what was sent");
    }
    ++done_;
    send_message(one);
}

void udp_load::resend_lost() {
    const nanoseconds time = now();
    if (time < next_check_) {
        return;
    }
    next_check_ = time + lost_after / 10;
    for (auto& one : clients_) {
        if (time - one.sent > lost_after) {
            ++lost_;
            send_message(one);
        }
    }
}

} // namespace

void udp(const options& asked) {
    udp_load load(asked);
    load.run();
}

} // namespace bench
