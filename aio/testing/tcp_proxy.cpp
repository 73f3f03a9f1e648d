#include <aio/testing/tcp_proxy.hpp>
#include <aio/testing/tcp_proxy_pair.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

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

struct direction {
    manners how;
    std::uint64_t bytes = 0;
};

} // namespace

struct tcp_proxy::state final : proxied::keeper {
    state(std::uint16_t server_port, const std::string& address);
    ~state();

    asio::awaitable<void> accept();
    void cut_all(cut_by how);

    template <typename Work>
    void on_thread(Work work);
    template <typename Change>
    void change(toward where, Change apply);

    // proxied::keeper
    manners how(toward where) override {
        const std::lock_guard guard(lock);
        return of(where).how;
    }

    void sent(toward where, std::size_t bytes) override {
        const std::lock_guard guard(lock);
        of(where).bytes += bytes;
    }

    void ended(proxied& gone) override;

    direction& of(toward where) { return where == toward::server ? to_server : to_client; }

    asio::io_context io{1};
    tcp::endpoint target;
    tcp::acceptor acceptor{io};
    std::uint16_t port;
    std::list<std::shared_ptr<proxied>> pairs; // used by the thread only

    std::mutex lock; // guards the members below, which other threads use
    direction to_server, to_client;
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

/// What waits by other manners looks at the new ones.
template <typename Change>
void tcp_proxy::state::change(toward where, Change apply) {
    {
        const std::lock_guard guard(lock);
        apply(of(where).how);
    }
    asio::post(io, [this] {
        for (const auto& each : pairs)
            each->stir();
    });
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
        pairs.push_back(std::make_shared<proxied>(*this, std::move(socket)));
        pairs.back()->begin(target);
    }
}

void tcp_proxy::state::ended(proxied& gone) {
    if (std::erase_if(pairs, [&](const auto& each) { return each.get() == &gone; }) == 0)
        return;
    const std::lock_guard guard(lock);
    --open;
}

void tcp_proxy::state::cut_all(cut_by how) {
    for (const auto& each : std::exchange(pairs, {})) {
        each->close(how);
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
    state_->change(direction, [&](manners& how) { how.per_chunk = per_chunk; });
}

void tcp_proxy::delay(toward direction, base::duration latency) {
    state_->change(direction, [&](manners& how) { how.latency = latency; });
}

void tcp_proxy::limit(toward direction, std::optional<std::uint64_t> bytes_per_second) {
    state_->change(direction, [&](manners& how) { how.bandwidth = bytes_per_second; });
}

void tcp_proxy::slice(toward direction, std::size_t most, base::duration pause) {
    state_->change(direction, [&](manners& how) {
        how.slice = most;
        how.between_slices = pause;
    });
}

void tcp_proxy::stall(toward direction) {
    state_->change(direction, [](manners& how) { how.stalled = true; });
}

void tcp_proxy::resume(toward direction) {
    state_->change(direction, [](manners& how) { how.stalled = false; });
}

void tcp_proxy::rewrite(toward direction, rewriter function) {
    state_->change(direction, [&](manners& how) { how.rewrite = std::move(function); });
}

void tcp_proxy::cut_after(toward direction, std::optional<std::uint64_t> bytes, cut_by how_) {
    state_->change(direction, [&](manners& how) {
        how.cut_after = bytes;
        how.cut_how = how_;
    });
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
