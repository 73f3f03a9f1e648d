#include <aio/testing/tcp_proxy_pair.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace aio::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// A slow direction moves its bytes in portions of about this time.
constexpr std::uint64_t portions_per_second = 50;
constexpr std::size_t most_waiting = 256 * 1024;

std::size_t portion_of(const manners& how, std::size_t left, std::uint64_t sent) {
    std::uint64_t size = left;
    if (how.slice != 0)
        size = std::min<std::uint64_t>(size, how.slice);
    if (how.bandwidth)
        size = std::min(size, std::max<std::uint64_t>(*how.bandwidth / portions_per_second, 1));
    if (how.cut_after)
        size = std::min(size, *how.cut_after - std::min(*how.cut_after, sent));
    return size;
}

base::duration pause_of(const manners& how, std::size_t sent) {
    base::duration pause = how.slice != 0 ? how.between_slices : base::duration(0);
    if (how.bandwidth) {
        const double seconds = static_cast<double>(sent) / static_cast<double>(*how.bandwidth);
        pause += std::chrono::duration_cast<base::duration>(std::chrono::duration<double>(seconds));
    }
    return pause;
}

void close(tcp::socket& socket, tcp_proxy::cut_by how) {
    boost::system::error_code ignored;
    if (how == tcp_proxy::cut_by::reset)
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
    else
        socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

} // namespace

proxied::lane::lane(toward direction, tcp::socket& from_, tcp::socket& to_)
    : where(direction), from(from_), to(to_), room(from_.get_executor()),
      more(from_.get_executor()), pause(from_.get_executor()) {}

proxied::proxied(keeper& owner, tcp::socket client)
    : owner_(owner), client_(std::move(client)), server_(client_.get_executor()),
      to_server_(toward::server, client_, server_), to_client_(toward::client, server_, client_) {}

void proxied::close(tcp_proxy::cut_by how) {
    cut_ = true;
    testing::close(client_, how);
    testing::close(server_, how);
    stir();
}

void proxied::stir() {
    for (lane* each : {&to_server_, &to_client_})
        for (asio::steady_timer* timer : {&each->room, &each->more, &each->pause})
            timer->cancel();
}

template <typename Work>
void proxied::spawn(Work work) {
    ++running_;
    asio::co_spawn(
        client_.get_executor(),
        std::move(work),
        [self = shared_from_this()](std::exception_ptr) {
            if (--self->running_ != 0)
                return;
            self->close(tcp_proxy::cut_by::end);
            self->owner_.ended(*self);
        }
    );
}

void proxied::begin(const tcp::endpoint& target) {
    spawn(run(target));
}

asio::awaitable<void> proxied::run(tcp::endpoint target) {
    const auto [failed] = co_await server_.async_connect(target, no_throw);
    if (failed || cut_) {
        close(tcp_proxy::cut_by::reset);
        co_return;
    }
    boost::system::error_code ignored;
    client_.set_option(tcp::no_delay(true), ignored);
    server_.set_option(tcp::no_delay(true), ignored);
    for (lane* each : {&to_server_, &to_client_}) {
        spawn(take(*each));
        spawn(give(*each));
    }
}

asio::awaitable<void> proxied::take(lane& way) {
    std::array<char, 16 * 1024> room;
    while (!cut_) {
        const auto [end, count] = co_await way.from.async_read_some(asio::buffer(room), no_throw);
        if (end || cut_)
            break;
        const manners how = owner_.how(way.where);
        std::string data(room.data(), count);
        if (how.rewrite)
            data = how.rewrite(data);
        way.size += data.size();
        way.waiting.push_back({steady::now(), std::move(data)});
        way.more.cancel();
        while (way.size > most_waiting && !cut_) {
            way.room.expires_at(steady::time_point::max());
            co_await way.room.async_wait(no_throw);
        }
    }
    way.ended = true;
    way.more.cancel();
}

template <typename Pause>
asio::awaitable<void> proxied::hold(lane& way, steady::time_point begun, Pause pause) {
    while (!cut_) {
        const steady::time_point until = begun + pause(owner_.how(way.where));
        if (steady::now() >= until)
            break;
        way.pause.expires_at(until);
        co_await way.pause.async_wait(no_throw);
    }
}

asio::awaitable<void> proxied::hold_while_stalled(lane& way) {
    while (!cut_ && owner_.how(way.where).stalled) {
        way.pause.expires_at(steady::time_point::max());
        co_await way.pause.async_wait(no_throw);
    }
}

asio::awaitable<bool> proxied::send(lane& way, const std::string& data) {
    for (std::size_t begin = 0; begin < data.size();) {
        co_await hold_while_stalled(way);
        const manners how = owner_.how(way.where);
        const std::size_t size = portion_of(how, data.size() - begin, way.sent);
        const auto [failed, written] =
            co_await asio::async_write(way.to, asio::buffer(data.data() + begin, size), no_throw);
        owner_.sent(way.where, written);
        way.sent += written;
        begin += written;
        if (failed || cut_)
            co_return false;
        if (how.cut_after && way.sent >= *how.cut_after) {
            close(how.cut_how);
            co_return false;
        }
        co_await hold(way, steady::now(), [written](const manners& now) {
            return pause_of(now, written);
        });
    }
    co_return !cut_;
}

asio::awaitable<void> proxied::give(lane& way) {
    for (;;) {
        while (way.waiting.empty() && !way.ended && !cut_) {
            way.more.expires_at(steady::time_point::max());
            co_await way.more.async_wait(no_throw);
        }
        if (way.waiting.empty() || cut_)
            break;
        const portion next = std::move(way.waiting.front());
        way.waiting.pop_front();
        co_await hold(way, next.came, [](const manners& now) { return now.latency; });
        co_await hold(way, steady::now(), [](const manners& now) { return now.per_chunk; });
        const bool goes_on = co_await send(way, next.data);
        way.size -= next.data.size();
        way.room.cancel();
        if (!goes_on)
            break;
    }
    co_await hold_while_stalled(way);
    boost::system::error_code ignored;
    way.to.shutdown(tcp::socket::shutdown_send, ignored);
}

} // namespace aio::testing
