// S16: each connection asks for a file of `size` bytes again and again, as of HTTP. One operation
// is 16 KiB of it, a full record of TLS.

#include "modes.hpp"
#include "socket.hpp"
#include "tls.hpp"
#include "window.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

namespace {

constexpr std::string_view request = "GET /bulk HTTP/1.1\r\nHost: bench\r\n\r\n";
constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::size_t record = 16384;

class bulk_load {
  public:
    explicit bulk_load(const options& asked);
    void run();

  private:
    struct client {
        std::unique_ptr<tls_client> connection;
        std::string head = {}; ///< of the answer, as far as it has come
        std::size_t left = 0;  ///< of its body
    };

    static void ask(client& one);
    void receive(client& one);
    void take(client& one, std::string_view data);

    const options& asked_;
    tls_rules rules_;
    std::vector<client> clients_;
    std::vector<char> buffer_;
    poll_set poll_;
    window window_;
    std::size_t bytes_ = 0;
};

bulk_load::bulk_load(const options& asked)
    : asked_(asked), rules_(make_tls_rules()), buffer_(record), window_(asked) {
    for (auto& connection : connect_tls(rules_, asked.port, asked.connections)) {
        poll_.add(connection->fd(), EPOLLIN, clients_.size());
        clients_.push_back({.connection = std::move(connection)});
        ask(clients_.back());
    }
    window_ = window(asked);
}

void bulk_load::run() {
    while (window_.open(static_cast<std::int64_t>(bytes_ / record))) {
        for (const auto& event : poll_.wait()) {
            receive(clients_[event.data.u64]);
        }
    }
    window_.result().print();
}

void bulk_load::ask(client& one) {
    one.head.clear();
    if (one.connection->send(request) != static_cast<ssize_t>(request.size())) {
        throw std::runtime_error("no room for a request");
    }
}

// No more than 64 records at a time: the others want theirs, too.
void bulk_load::receive(client& one) {
    for (int turn = 0; turn < 64; ++turn) {
        const ssize_t got = one.connection->receive(buffer_);
        if (got < 0) {
            return;
        }
        if (got == 0) {
            throw std::runtime_error("the server closed a connection");
        }
        take(one, {buffer_.data(), static_cast<std::size_t>(got)});
    }
}

void bulk_load::take(client& one, std::string_view data) {
    if (one.left == 0) {
        one.head += data;
        const auto end = one.head.find(end_of_head);
        if (end == one.head.npos) {
            return;
        }
        if (!one.head.starts_with("HTTP/1.1 200 ")) {
            throw std::runtime_error("not the file, but: " + one.head.substr(0, 30));
        }
        one.left = asked_.size;
        data = data.substr(data.size() - (one.head.size() - end - end_of_head.size()));
    }
    bytes_ += data.size();
    if (data.size() > one.left) {
        throw std::runtime_error("more than the file");
    }
    one.left -= data.size();
    if (one.left == 0) {
        ask(one);
    }
}

} // namespace

void bulk(const options& asked) {
    bulk_load load(asked);
    load.run();
}

} // namespace bench
