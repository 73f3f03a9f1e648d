// S18: each slot connects, sends the first bytes of a TLS handshake, and leaves when the server has
// answered: the costly step is the server's alone. Until the standard input ends; then it says how
// many there were.

#include "clock.hpp"
#include "json_line.hpp"
#include "modes.hpp"
#include "socket.hpp"
#include "tls.hpp"

#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace bench {

namespace {

class flood_load {
  public:
    explicit flood_load(const options& asked)
        : asked_(asked), hello_(client_hello(make_tls_rules())), slots_(asked.connections) {}

    void run();

  private:
    void begin(std::size_t index);
    void serve(std::size_t index);

    const options& asked_;
    std::string hello_;
    std::vector<descriptor> slots_;
    std::array<char, 8192> buffer_{};
    source_addresses sources_;
    poll_set poll_;
    std::int64_t done_ = 0;
};

void flood_load::run() {
    const nanoseconds begun = now();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        begin(i);
    }
    while (!input_ended()) {
        for (const auto& event : poll_.wait()) {
            serve(event.data.u64);
        }
    }
    json_line().add("value", static_cast<double>(done_) / seconds(now() - begun)).print();
}

void flood_load::begin(std::size_t index) {
    slots_[index] = start_connect(asked_.port, sources_);
    if (send(slots_[index].get(), hello_.data(), hello_.size(), MSG_NOSIGNAL) < 0) {
        fail("send");
    }
    poll_.add(slots_[index].get(), EPOLLIN, index);
}

// Nothing of the answer is left unread, so the server sees an end, not a reset.
void flood_load::serve(std::size_t index) {
    const ssize_t got = recv(slots_[index].get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno != EAGAIN) {
        fail("recv");
    }
    if (got > 0) {
        ++done_;
    }
    if (got >= 0) {
        begin(index);
    }
}

/// Whoever measures beside this on the same core comes first.
void give_way() {
    const sched_param none{};
    if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
        fail("sched_setscheduler");
    }
}

} // namespace

void flood(const options& asked) {
    need_descriptors(asked.connections);
    flood_load load(asked);
    give_way();
    load.run();
}

} // namespace bench
