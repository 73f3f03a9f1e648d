// S16: each slot connects, agrees on TLS, reads what the server says until the end, closes, and
// begins again, with `resume` by the ticket that it has got.

#include "modes.hpp"
#include "socket.hpp"
#include "tls.hpp"
#include "window.hpp"

#include <array>
#include <stdexcept>

namespace bench {

namespace {

class handshake_load {
  public:
    explicit handshake_load(const options& asked)
        : asked_(asked), rules_(make_tls_rules()), slots_(asked.connections), window_(asked) {
        need_descriptors(asked.connections);
    }

    void run();

  private:
    struct slot {
        std::unique_ptr<tls_client> connection;
        tls_ticket ticket;
        bool agreed = false;
        bool greeted = false;
    };

    void begin(std::size_t index);
    void serve(std::size_t index);
    void end(std::size_t index);

    const options& asked_;
    tls_rules rules_;
    std::vector<slot> slots_;
    std::array<char, 4096> buffer_{};
    source_addresses sources_;
    poll_set poll_;
    window window_;
    std::int64_t done_ = 0;
};

void handshake_load::run() {
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

void handshake_load::begin(std::size_t index) {
    slot& one = slots_[index];
    one.agreed = one.greeted = false;
    one.connection = std::make_unique<tls_client>(
        rules_, start_connect(asked_.port, sources_), one.ticket.get()
    );
    poll_.add(one.connection->fd(), EPOLLIN, index);
    one.agreed = one.connection->shake_hands();
}

void handshake_load::serve(std::size_t index) {
    slot& one = slots_[index];
    if (!one.agreed) {
        one.agreed = one.connection->shake_hands();
    }
    while (one.agreed) {
        const ssize_t got = one.connection->receive(buffer_);
        if (got < 0) {
            return;
        }
        if (got == 0) {
            return end(index);
        }
        one.greeted = true;
    }
}

void handshake_load::end(std::size_t index) {
    slot& one = slots_[index];
    if (!one.greeted) {
        throw std::runtime_error("the server closed without a word");
    }
    if (one.ticket && !one.connection->resumed()) {
        throw std::runtime_error("the server does not resume a session");
    }
    if (asked_.resume) {
        one.ticket = one.connection->take_ticket();
        if (!one.ticket) {
            throw std::runtime_error("the server hands out no ticket");
        }
    }
    ++done_;
    begin(index);
}

} // namespace

void handshakes(const options& asked) {
    handshake_load load(asked);
    load.run();
}

} // namespace bench
