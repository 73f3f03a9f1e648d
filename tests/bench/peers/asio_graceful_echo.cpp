// TCP echo on Asio that ends in good order: SIGTERM closes the acceptor and every session, each
// client sees the end of its stream, the process leaves with 0.

#include "peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <csignal>
#include <memory>
#include <unordered_set>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

class session;
using sessions = std::unordered_set<session*>;

class session : public std::enable_shared_from_this<session> {
  public:
    session(tcp::socket socket, sessions& all) : socket_(std::move(socket)), all_(all) {
        socket_.set_option(tcp::no_delay(true));
        all_.insert(this);
    }

    ~session() { all_.erase(this); }

    session(const session&) = delete;
    session& operator=(const session&) = delete;

    void stop() {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    void read() {
        socket_.async_read_some(
            asio::buffer(data_),
            [self = shared_from_this()](error_code error, std::size_t size) {
                if (!error) {
                    self->write(size);
                }
            }
        );
    }

  private:
    void write(std::size_t size) {
        asio::async_write(
            socket_,
            asio::buffer(data_, size),
            [self = shared_from_this()](error_code error, std::size_t) {
                if (!error) {
                    self->read();
                }
            }
        );
    }

    tcp::socket socket_;
    sessions& all_;
    std::array<char, 4096> data_;
};

void accept(tcp::acceptor& acceptor, sessions& all) {
    acceptor.async_accept([&acceptor, &all](error_code error, tcp::socket socket) {
        if (!acceptor.is_open()) {
            return;
        }
        if (!error) {
            std::make_shared<session>(std::move(socket), all)->read();
        }
        accept(acceptor, all);
    });
}

} // namespace

int main(int argc, char** argv) {
    sessions all;
    asio::io_context context(1);
    const auto loopback = asio::ip::address_v4::loopback();
    tcp::acceptor acceptor(context, tcp::endpoint(loopback, peer::port_of(argc, argv)));
    accept(acceptor, all);
    asio::signal_set stop(context, SIGTERM);
    stop.async_wait([&](error_code, int) {
        acceptor.close();
        for (session* one : all) {
            one->stop();
        }
    });
    context.run();
}
