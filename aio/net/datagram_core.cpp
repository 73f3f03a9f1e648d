#include <aio/net/buffer_pool.hpp>
#include <aio/net/datagram_core.hpp>
#include <aio/net/datagram_source.hpp>
#include <aio/net/way_back.hpp>

#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace aio::net {

datagram_protocol::~datagram_protocol() = default;

datagram_core::datagram_core(poller& poller, socket bound) noexcept
    : on_(&poller), socket_(std::move(bound)) {}

datagram_core::~datagram_core() {
    on_->home().release_timer(*this);
    if (socket_)
        on_->remove(socket_.get()); // the server may have kept it
}

template <typename F>
void datagram_core::guarded(F call) noexcept {
    try {
        call();
    } catch (...) {
        crashed(std::current_exception());
    }
}

void datagram_core::begin(std::unique_ptr<datagram_protocol> handler) {
    everywhere_ = tell_asked(socket_.get());
    on_->home().keep_room(*this);
    (void)on_->buffers().datagram(); // no lack of memory later
    make_room_to_send();
    on_->add(socket_.get(), *this, EPOLLIN | EPOLLET);
    protocol_ = std::move(handler);
    busy_ = true;
    guarded([this] { protocol_->connection_made(*this); });
    busy_ = false;
    settle();
}

// A unix socket sends nothing that is longer than its buffer, which has less than half of what a
// peer may send by default. The system gives what its limit allows.
void datagram_core::make_room_to_send() noexcept {
    constexpr int wanted = buffer_pool::largest_datagram;
    int family = 0, size = 0;
    ::socklen_t length = sizeof family;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_DOMAIN, &family, &length);
    length = sizeof size;
    if (family == AF_UNIX &&
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &size, &length) == 0 && size < wanted)
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
}

void datagram_core::ready(std::uint32_t) {
    busy_ = true;
    if (!armed())
        drain();
    busy_ = false;
    settle();
}

ssize_t datagram_core::receive(std::span<std::byte> room, address& from) noexcept {
    if (everywhere_)
        return receive_asked(socket_.get(), room, from);
    ::socklen_t size = address::capacity;
    const ssize_t count =
        ::recvfrom(socket_.get(), room.data(), room.size(), MSG_TRUNC, from.raw(), &size);
    if (count >= 0)
        from.size(size);
    return count;
}

// Without a target, to the peer.
ssize_t datagram_core::send_now(std::span<const std::byte> data, const address& target) noexcept {
    if (target.size() == 0)
        return ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (everywhere_)
        return send_asked(socket_.get(), data, target);
    return ::sendto(
        socket_.get(), data.data(), data.size(), MSG_NOSIGNAL, target.raw(), target.size()
    );
}

// Reads until the system says that there is no more: only after that an event comes again.
void datagram_core::drain() {
    const auto room = on_->buffers().datagram();
    address from;
    for (int i = 0; i < budget; ++i) {
        if (!receives(phase_))
            return;
        const auto count = receive(room, from);
        if (count >= 0) {
            const auto size = static_cast<std::size_t>(count);
            received(room.first(std::min(size, room.size())), size, from);
        } else if (errno == EAGAIN) {
            end_failures();
            return happens(datagram_event::emptied);
        } else if (errno != EINTR && refused(errno)) {
            return;
        }
    }
    on_->defer(*this);
}

void datagram_core::received(
    std::span<const std::byte> data, std::size_t size, address& from
) noexcept {
    end_failures();
    const bool whole = data.size() == size;
    if (!admits(data, from))
        return;
    if (!whole) {
        too_long(from);
        const std::error_code why(EMSGSIZE, std::system_category());
        return guarded([&] { protocol_->error_received(why); });
    }
    if (traffic_)
        traffic::add(traffic_->received, data.size());
    guarded([&] { protocol_->datagram_received(data, from); });
}

void datagram_core::end_failures() noexcept {
    if (const std::size_t ended = failures_.succeeded())
        receives_again(ended);
}

// The peer's system may answer each datagram that was sent with an error. A filter of system calls,
// or a lack of memory, is there again at once.
bool datagram_core::refused(int number) noexcept {
    const std::error_code why(number, std::system_category());
    guarded([&] { protocol_->error_received(why); });
    const auto pause = failures_.single();
    if (!pause || phase_ == datagram_phase::closing)
        return phase_ == datagram_phase::closing;
    if (cannot_receive(why))
        failures_.told();
    happens(datagram_event::emptied); // what has arrived cannot be handed over
    if (phase_ == datagram_phase::open)
        on_->home().add_timer(*this, async::later(on_->home().now(), *pause));
    return true;
}

void datagram_core::send_to(std::span<const std::byte> data, const address& target) {
    if (phase_ == datagram_phase::closing)
        return;
    const address proxy = way_back(target);
    for (;;) {
        const auto count = send_now(data, proxy.kind() == family::none ? target : proxy);
        if (count > 0 && traffic_)
            traffic::add(traffic_->sent, static_cast<std::size_t>(count));
        if (count >= 0)
            return;
        if (errno == EAGAIN || errno == ENOBUFS)
            return dropped(target, drop::no_room);
        if (errno == EINTR)
            continue;
        const std::error_code why(errno, std::system_category());
        if (why == std::errc::message_size)
            dropped(target, drop::too_long);
        guarded([&] { protocol_->error_received(why); });
        return;
    }
}

void datagram_core::send(std::span<const std::byte> data) {
    send_to(data, {});
}

void datagram_core::happens(datagram_event event) noexcept {
    const datagram_phase before = std::exchange(phase_, after(phase_, event));
    if (phase_ != before && phase_ == datagram_phase::closing && !busy_)
        on_->defer(*this);
}

void datagram_core::close() noexcept {
    happens(datagram_event::close);
}

void datagram_core::end_input() noexcept {
    if (phase_ != datagram_phase::open)
        return;
    happens(datagram_event::input_ends);
    if (armed())
        on_->home().remove_timer(*this);
    drop_what_comes();
    on_->defer(*this);
}

// A socket filter keeps new datagrams out; those in the socket have passed it already. If there is
// no memory for a filter, the input ends when the socket is empty for the first time.
void datagram_core::drop_what_comes() noexcept {
    ::sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const ::sock_fprog filter{1, &none};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

void datagram_core::finish() noexcept {
    happens(datagram_event::finish);
}

void datagram_core::settle() noexcept {
    if (phase_ != datagram_phase::closing || deferred())
        return;
    if (armed())
        on_->home().remove_timer(*this);
    if (socket_) {
        on_->remove(socket_.get()); // the server may have kept it
        socket_.reset();
    }
    if (protocol_) {
        guarded([this] { protocol_->connection_lost({}); });
        protocol_.reset();
    }
    over();
}

address datagram_core::local() const {
    return socket_ ? local_address(socket_.get()) : address{};
}

address datagram_core::peer() const {
    return socket_ ? peer_address(socket_.get()) : address{};
}

void datagram_transport::send_to(std::span<const std::byte> data, const address& target) {
    static_cast<datagram_core*>(this)->send_to(data, target);
}

void datagram_transport::send_to(std::string_view text, const address& target) {
    static_cast<datagram_core*>(this)->send_to(
        std::as_bytes(std::span(text.data(), text.size())), target
    );
}

void datagram_transport::send(std::span<const std::byte> data) {
    static_cast<datagram_core*>(this)->send(data);
}

void datagram_transport::send(std::string_view text) {
    static_cast<datagram_core*>(this)->send(std::as_bytes(std::span(text.data(), text.size())));
}

address datagram_transport::peer() const {
    return static_cast<const datagram_core*>(this)->peer();
}

void datagram_transport::close() noexcept {
    static_cast<datagram_core*>(this)->close();
}

address datagram_transport::local() const {
    return static_cast<const datagram_core*>(this)->local();
}

const boost::asio::any_io_executor& datagram_transport::executor() const noexcept {
    return static_cast<const datagram_core*>(this)->on().executor();
}

} // namespace aio::net
