// Clients on Asio by coroutines (`asio_dialer PORT SLOTS bare|guarded`): each slot connects, sends
// 64 bytes, reads them back, closes, and begins again. `guarded` ones have what every connection of
// aio has: a deadline for connecting, keepalive, and a limit for what is unconfirmed. The targets
// are 127.0.0.1 to 127.0.0.250 in turn: to a single one there are 28,000 ports of ours.

#include "peer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <netinet/tcp.h>

#include <array>
#include <chrono>
#include <exception>
#include <string_view>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct targets {
    std::vector<tcp::endpoint> all;
    std::size_t turn = 0;

    const tcp::endpoint& next() { return all[turn++ % all.size()]; }
};

template <int Name>
using tcp_option = asio::detail::socket_option::integer<IPPROTO_TCP, Name>;

asio::awaitable<void> connect_guarded(tcp::socket& socket, const tcp::endpoint& target) {
    socket.open(target.protocol());
    socket.set_option(tcp::no_delay(true));
    socket.set_option(tcp::socket::keep_alive(true));
    socket.set_option(tcp_option<TCP_KEEPIDLE>(15));
    socket.set_option(tcp_option<TCP_KEEPINTVL>(15));
    socket.set_option(tcp_option<TCP_KEEPCNT>(3));
    socket.set_option(tcp_option<TCP_USER_TIMEOUT>(30000));
    asio::steady_timer deadline(socket.get_executor(), std::chrono::seconds(10));
    deadline.async_wait([&socket](boost::system::error_code failed) {
        if (!failed)
            socket.close();
    });
    co_await socket.async_connect(target, asio::use_awaitable);
    deadline.cancel();
}

asio::awaitable<void> connect_bare(tcp::socket& socket, const tcp::endpoint& target) {
    co_await socket.async_connect(target, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
}

using way = asio::awaitable<void> (*)(tcp::socket& socket, const tcp::endpoint& target);

asio::awaitable<void> dial(targets& those, way connect) {
    const std::array<char, 64> message{};
    std::array<char, 64> answer;
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
        tcp::socket socket(executor);
        co_await connect(socket, those.next());
        co_await asio::async_write(socket, asio::buffer(message), asio::use_awaitable);
        co_await asio::async_read(socket, asio::buffer(answer), asio::use_awaitable);
    }
}

} // namespace

int main(int argc, char** argv) {
    const long slots = argc == 4 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (slots < 1) {
        std::fprintf(stderr, "usage: %s PORT SLOTS bare|guarded\n", argv[0]);
        return 2;
    }
    const way connect = std::string_view(argv[3]) == "bare" ? connect_bare : connect_guarded;
    const std::uint16_t port = peer::port_of(2, argv);
    targets those;
    for (unsigned last = 1; last <= 250; ++last)
        those.all.emplace_back(asio::ip::address_v4(0x7F000000U + last), port);
    asio::io_context context(1);
    for (long i = 0; i < slots; ++i) {
        co_spawn(context, dial(those, connect), [](std::exception_ptr failed) {
            if (failed)
                std::rethrow_exception(failed);
        });
    }
    context.run();
}
