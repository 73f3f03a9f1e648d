#include <aio/testing/tcp_proxy.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <future>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace aio::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// How one direction behaves.
struct manners {
    base::duration delay{0};
    tcp_proxy::rewriter rewrite;
    std::uint64_t bytes = 0;
};

/// A client and its connection to the server.
struct pair {
    tcp::socket client, server;
    asio::steady_timer server_pause, client_pause;
    int pumps = 0;
    bool cut = false; ///< no new wait may begin

    explicit pair(tcp::socket from)
        : client(std::move(from)), server(client.get_executor()),
          server_pause(client.get_executor()), client_pause(client.get_executor()) {}
};

using pair_ptr = std::shared_ptr<pair>;

void close(tcp::socket& socket, tcp_proxy::cut_by how) {
    boost::system::error_code ignored;
    if (how == tcp_proxy::cut_by::reset)
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
    else
        socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

void close(pair& entry, tcp_proxy::cut_by how) {
    entry.cut = true;
    close(entry.client, how);
    close(entry.server, how);
    entry.server_pause.cancel();
    entry.client_pause.cancel();
}

} // namespace

struct tcp_proxy::state {
    state(std::uint16_t server_port, const std::string& address);
    ~state();

    asio::awaitable<void> accept();
    asio::awaitable<void> connect(pair_ptr pair);
    asio::awaitable<void> pump(pair_ptr pair, toward where);
    void ended(const pair_ptr& pair);
    void cut_all(cut_by how);

    template <typename Work>
    void on_thread(Work work);

    std::pair<base::duration, rewriter> how(toward where) {
        const std::lock_guard guard(lock);
        return {of(where).delay, of(where).rewrite};
    }

    manners& of(toward where) { return where == toward::server ? to_server : to_client; }

    asio::io_context io{1};
    tcp::endpoint target;
    tcp::acceptor acceptor{io};
    std::uint16_t port;
    std::list<pair_ptr> pairs; // used by the thread only

    std::mutex lock; // guards the members below, which other threads use
    manners to_server, to_client;
    bool refusing = false;
    std::size_t open = 0, accepted = 0;

    std::thread thread;
};

tcp_proxy::state::state(std::uint16_t server_port, const std::string& address)
    : target(asio::ip::make_address(address), server_port),
      acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port(acceptor.local_endpoint().port()) {
    asio::co_spawn(io, accept(), [](std::exception_ptr) {}); // ends when the acceptor is closed
    thread = std::thread([this] { io.run(); });
}

tcp_proxy::state::~state() {
    asio::post(io, [this] {
        acceptor.close();
        cut_all(cut_by::end);
    });
    thread.join(); // run() returns with the last coroutine
}

/// Runs `work` on the proxy's thread and waits for its end.
template <typename Work>
void tcp_proxy::state::on_thread(Work work) {
    std::promise<void> done;
    asio::post(io, [&] {
        work();
        done.set_value();
    });
    done.get_future().get();
}

asio::awaitable<void> tcp_proxy::state::accept() {
    for (;;) {
        auto [failed, socket] = co_await acceptor.async_accept(no_throw);
        if (!acceptor.is_open())
            co_return;
        if (failed) { // such as no descriptor left: wait for one
            asio::steady_timer pause(io, std::chrono::milliseconds(10));
            co_await pause.async_wait(no_throw);
            continue;
        }
        {
            const std::lock_guard guard(lock);
            ++accepted;
            if (refusing)
                continue;
            ++open;
        }
        const auto value_type = pairs.emplace_back(std::make_shared<pair>(std::move(socket)));
        asio::co_spawn(io, connect(value_type), [](std::exception_ptr) {});
    }
}

asio::awaitable<void> tcp_proxy::state::connect(pair_ptr pair) {
    pair->pumps = 2;
    const auto [failed] = co_await pair->server.async_connect(target, no_throw);
    if (failed || pair->cut) {
        close(*pair, cut_by::reset);
        pair->pumps = 1;
        ended(pair);
        co_return;
    }
    boost::system::error_code ignored;
    pair->client.set_option(tcp::no_delay(true), ignored);
    pair->server.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(io, pump(pair, toward::server), [this, pair](std::exception_ptr) {
        ended(pair);
    });
    asio::co_spawn(io, pump(pair, toward::client), [this, pair](std::exception_ptr) {
        ended(pair);
    });
}

asio::awaitable<void> tcp_proxy::state::pump(pair_ptr pair, toward where) {
    tcp::socket& from = where == toward::server ? pair->client : pair->server;
    tcp::socket& socket = where == toward::server ? pair->server : pair->client;
    std::array<char, 16 * 1024> room;
    asio::steady_timer& timer = where == toward::server ? pair->server_pause : pair->client_pause;
    for (;;) {
        const auto [end, count] = co_await from.async_read_some(asio::buffer(room), no_throw);
        if (end || pair->cut)
            break;
        std::string chunk(room.data(), count);
        const auto [delay, rewrite] = how(where);
        if (rewrite)
            chunk = rewrite(chunk);
        if (delay > base::duration::zero()) {
            timer.expires_after(delay);
            co_await timer.async_wait(no_throw);
        }
        const auto [failed, written] =
            co_await asio::async_write(socket, asio::buffer(chunk), no_throw);
        {
            const std::lock_guard guard(lock);
            of(where).bytes += written;
        }
        if (failed)
            break;
    }
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void tcp_proxy::state::ended(const pair_ptr& pair) {
    if (--pair->pumps > 0)
        return;
    close(*pair, cut_by::end);
    if (pairs.remove(pair) == 0)
        return;
    const std::lock_guard guard(lock);
    --open;
}

void tcp_proxy::state::cut_all(cut_by how) {
    for (const pair_ptr& pair : std::exchange(pairs, {})) {
        close(*pair, how);
        const std::lock_guard guard(lock);
        --open;
    }
}

tcp_proxy::tcp_proxy(std::uint16_t server_port, std::string server_address)
    : state_(std::make_unique<state>(server_port, server_address)) {}

tcp_proxy::~tcp_proxy() = default;

std::uint16_t tcp_proxy::port() const noexcept {
    return state_->port;
}

void tcp_proxy::slow_down(toward direction, base::duration per_chunk) {
    const std::lock_guard guard(state_->lock);
    state_->of(direction).delay = per_chunk;
}

void tcp_proxy::rewrite(toward direction, rewriter function) {
    const std::lock_guard guard(state_->lock);
    state_->of(direction).rewrite = std::move(function);
}

void tcp_proxy::refuse() {
    const std::lock_guard guard(state_->lock);
    state_->refusing = true;
}

void tcp_proxy::accept() {
    const std::lock_guard guard(state_->lock);
    state_->refusing = false;
}

void tcp_proxy::cut(cut_by how) {
    state_->on_thread([&] { state_->cut_all(how); });
}

std::size_t tcp_proxy::connections() const {
    const std::lock_guard guard(state_->lock);
    return state_->open;
}

std::size_t tcp_proxy::accepted() const {
    const std::lock_guard guard(state_->lock);
    return state_->accepted;
}

std::uint64_t tcp_proxy::bytes(toward direction) const {
    const std::lock_guard guard(state_->lock);
    return state_->of(direction).bytes;
}

} // namespace aio::testing
