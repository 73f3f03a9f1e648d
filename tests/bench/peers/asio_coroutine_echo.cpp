// TCP echo on Asio by coroutines: one awaitable per connection, the buffer in its frame.
// ECHO_BUFFER is the size of that buffer (4 KiB usually, 64 KiB to stream).

#include "peer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

asio::awaitable<void> echo(tcp::socket socket) {
    try {
        std::array<char, ECHO_BUFFER> data;
        for (;;) {
            const auto size =
                co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(data, size), asio::use_awaitable);
        }
    } catch (const boost::system::system_error&) {
        // the client went away
    }
}

asio::awaitable<void> serve(tcp::acceptor& acceptor) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        co_spawn(acceptor.get_executor(), echo(std::move(socket)), asio::detached);
    }
}

} // namespace

int main(int argc, char** argv) {
    asio::io_context context(1);
    const auto loopback = asio::ip::address_v4::loopback();
    tcp::acceptor acceptor(context, tcp::endpoint(loopback, peer::port_of(argc, argv)));
    co_spawn(context, serve(acceptor), asio::detached);
    context.run();
}
