// UDP echo on Asio by callbacks: one socket, one datagram in work.

#include "peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <array>

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

namespace {

class echo_server {
  public:
    echo_server(asio::io_context& context, std::uint16_t port)
        : socket_(context, udp::endpoint(asio::ip::address_v4::loopback(), port)) {
        receive();
    }

  private:
    void receive() {
        socket_.async_receive_from(
            asio::buffer(data_),
            sender_,
            [this](error_code error, std::size_t size) {
                if (error) {
                    receive();
                } else {
                    send(size);
                }
            }
        );
    }

    void send(std::size_t size) {
        socket_.async_send_to(asio::buffer(data_, size), sender_, [this](error_code, std::size_t) {
            receive();
        });
    }

    udp::socket socket_;
    udp::endpoint sender_;
    std::array<char, 65536> data_;
};

} // namespace

int main(int argc, char** argv) {
    asio::io_context context(1);
    echo_server server(context, peer::port_of(argc, argv));
    context.run();
}
