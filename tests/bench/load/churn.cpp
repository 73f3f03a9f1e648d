// S3: each slot connects, sends a message, reads the answer, closes, and begins again. S17: without
// a message it ends its side, waits for the other end, and closes.

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

class churn_load {
  public:
    explicit churn_load(const options& asked)
        : asked_(asked), message_(message(asked.size)),
          buffer_(std::max<std::size_t>(asked.size, 1)), slots_(asked.connections), window_(asked) {
        need_descriptors(asked.connections);
    }

    void run();

  private:
    struct slot {
        descriptor socket;
        std::size_t received = 0;
        bool sent = false;
    };

    void begin(std::size_t index);
    void send_message(slot& one);
    void serve(std::size_t index);

    const options& asked_;
    std::vector<char> message_;
    std::vector<char> buffer_;
    std::vector<slot> slots_;
    source_addresses sources_;
    poll_set poll_;
    window window_;
    std::int64_t done_ = 0;
};

void churn_load::run() {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        begin(i);
    }
    while (window_.open(done_)) {
        for (const auto& event : poll_.wait()) {
            serve(event.data.u64);
        }
    }
    window_.result().print();
}

void churn_load::begin(std::size_t index) {
    slot& one = slots_[index];
    one = {.socket = start_connect(asked_.port, sources_)};
    send_message(one);
    poll_.add(one.socket.get(), one.sent ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLET, index);
}

void churn_load::send_message(slot& one) {
    if (message_.empty()) {
        one.sent = shutdown(one.socket.get(), SHUT_WR) == 0;
        return;
    }
    // The handshake over the loopback is over when connect() returns: no need to be woken for it.
    const ssize_t sent = send(one.socket.get(), message_.data(), message_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("send");
    }
    one.sent = sent == static_cast<ssize_t>(message_.size());
}

void churn_load::serve(std::size_t index) {
    slot& one = slots_[index];
    if (!one.sent) {
        send_message(one);
    }
    const ssize_t got = recv(one.socket.get(), buffer_.data(), buffer_.size() - one.received, 0);
    if (got < 0) {
        return errno == EAGAIN ? void() : fail("recv");
    }
    if (message_.empty()) {
        if (got > 0) {
            throw std::runtime_error("a byte that nobody asked for");
        }
        ++done_;
        return begin(index);
    }
    const auto piece = std::span(buffer_).first(static_cast<std::size_t>(got));
    if (got == 0 || !matches(piece, one.received, message_)) {
        throw std::runtime_error(got == 0 ? "the server closed without an answer" : "wrong answer");
    }
    one.received += piece.size();
    if (one.received == message_.size()) {
        ++done_;
        begin(index);
    }
}

} // namespace

void churn(const options& asked) {
    churn_load load(asked);
    load.run();
}

} // namespace bench
