// TCP echo on Asio by callbacks, the way its own examples do it: a buffer in every session.
// ECHO_BUFFER is the size of that buffer (4 KiB usually, 64 KiB to stream).

#include "peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

class session : public std::enable_shared_from_this<session> {
  public:
    explicit session(tcp::socket socket) : socket_(std::move(socket)) {
        socket_.set_option(tcp::no_delay(true));
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
    std::array<char, ECHO_BUFFER> data_;
};

void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](error_code error, tcp::socket socket) {
        if (!error) {
            std::make_shared<session>(std::move(socket))->read();
        }
        accept(acceptor);
    });
}

} // namespace

int main(int argc, char** argv) {
    asio::io_context context(1);
    const auto loopback = asio::ip::address_v4::loopback();
    tcp::acceptor acceptor(context, tcp::endpoint(loopback, peer::port_of(argc, argv)));
    accept(acceptor);
    context.run();
}
