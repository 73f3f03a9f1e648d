#include <aio/net/connection.hpp>
#include <aio/net/error.hpp>
#include <aio/net/proxy_header.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace aio::net {

namespace {

constexpr std::uint32_t base_events = EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET;
constexpr std::uint32_t trouble = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;

outcome failure(int number) noexcept {
    outcome made;
    if (number == EAGAIN || number == EWOULDBLOCK)
        made.later = true;
    else
        made.error = {number, std::system_category()};
    return made;
}

} // namespace

compact_address::compact_address(const address& whole) noexcept
    : port(whole.port()), kind(whole.kind()) {
    if (kind == family::v4)
        std::memcpy(ip.data(), &reinterpret_cast<const ::sockaddr_in*>(whole.raw())->sin_addr, 4);
    if (kind == family::v6) {
        const auto& sockaddr_in6 = *reinterpret_cast<const ::sockaddr_in6*>(whole.raw());
        std::memcpy(ip.data(), &sockaddr_in6.sin6_addr, 16);
        scope = sockaddr_in6.sin6_scope_id;
    }
}

address compact_address::expand() const noexcept {
    if (kind == family::v4) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        made.sin_port = htons(port);
        std::memcpy(&made.sin_addr, ip.data(), 4);
        return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
    }
    if (kind == family::v6) {
        ::sockaddr_in6 made{};
        made.sin6_family = AF_INET6;
        made.sin6_port = htons(port);
        made.sin6_scope_id = scope;
        std::memcpy(&made.sin6_addr, ip.data(), 16);
        return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
    }
    return {};
}

connection::connection(poller& poller, int fd, const address& peer) noexcept
    : on_(&poller), peer_(peer), fd_(fd) {
    // A receive from a unix socket ends behind each descriptor that its peer has passed.
    greedy_ = peer_.kind != family::v4 && peer_.kind != family::v6;
}

connection::~connection() {
    close_now();
}

void connection::secure(std::unique_ptr<tls_session> session) noexcept {
    tls_ = std::move(session);
}

void connection::plug(std::unique_ptr<wire> in) noexcept {
    wire_ = std::move(in);
    wire_->user_ = this;
}

void connection::start() {
    if (wire_)
        wire_->watch();
    else
        on_->add(fd_, *this, base_events);
}

const std::uint32_t connection::events_of_connecting = base_events | EPOLLOUT;

void connection::start(std::uint32_t seen) {
    if ((seen & (EPOLLERR | EPOLLHUP)) != 0) { // who waits for its end has to be told
        on_->remove(fd_);
        return start();
    }
    on_->hand_over(fd_, *this);
    out_asked_ = true;
    note(seen);
}

void connection::note(std::uint32_t events) noexcept {
    if (events & (EPOLLIN | trouble))
        readable_ = true;
    if (events & trouble)
        greedy_ = true;
    if (events & EPOLLERR && wire_)
        wire_broken_ = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        writable_ = true;
    // A TLS receive may wait for room to send, and a TLS send may wait for data.
    if (tls_ && events != 0)
        readable_ = writable_ = true;
}

bool connection::spend() noexcept {
    if (turn_ != on_->turn()) {
        turn_ = on_->turn();
        used_ = 0;
    }
    return used_++ < budget;
}

outcome connection::handshake() noexcept {
    return tls_->handshake(*this);
}

outcome connection::receive(std::span<std::byte> into) noexcept {
    if (fd_ < 0)
        return receive_by_wire(into);
    if (broken())
        return broken_again();
    return received(tls_ ? tls_->receive(*this, into) : receive_plain(into));
}

short connection::polled() const noexcept {
    ::pollfd asked{fd_, 0, 0};
    return fd_ >= 0 && ::poll(&asked, 1, 0) == 1 ? asked.revents : short{0};
}

bool connection::hung_up() const noexcept {
    return (polled() & POLLHUP) != 0;
}

// A lack of memory does not end a connection. EPIPE tells of a reset behind the peer's end, or of
// what was told before.
void connection::note_error(const std::error_code& why) const noexcept {
    error_taken_ = error_taken_ || (why.value() != EPIPE && (wire_ || hung_up()));
}

outcome connection::received(outcome got) noexcept {
    if (got.end && error_taken_ && !tls_ && reason_ != end_reason::peer)
        got = failure(ECONNRESET); // the system tells an error once, and then an end
    if (got.end)
        reason_ = end_reason::peer;
    else if (got.error)
        end_reading(got.error == errc::truncated ? end_reason::truncated : end_reason::failed);
    if (traffic_)
        traffic::add(traffic_->received, got.size);
    return got;
}

bool connection::broken() const noexcept {
    return reason_ == end_reason::failed || reason_ == end_reason::truncated;
}

// The system tells an error once and an end of the input after it, which is not the peer's.
outcome connection::broken_again() const noexcept {
    if (reason_ == end_reason::failed)
        return failure(ECONNABORTED);
    outcome made;
    made.error = make_error_code(errc::truncated);
    return made;
}

outcome connection::receive_plain(std::span<std::byte> into) noexcept {
    for (;;) {
        const auto count = ::recv(fd_, into.data(), into.size(), 0);
        if (count > 0) {
            if (static_cast<std::size_t>(count) < into.size() && !greedy_)
                readable_ = false;
            outcome made;
            made.size = static_cast<std::size_t>(count);
            return made;
        }
        if (count == 0) {
            outcome made;
            made.end = !into.empty();
            return made;
        }
        if (errno == EINTR)
            continue;
        const outcome failed = failure(errno);
        readable_ = !failed.later;
        return failed;
    }
}

outcome connection::peek_raw(std::span<std::byte> into) noexcept {
    if (wire_)
        return wire_->peek(into);
    outcome made;
    const auto count = ::recv(fd_, into.data(), into.size(), MSG_PEEK | MSG_DONTWAIT);
    if (count > 0)
        made.size = static_cast<std::size_t>(count);
    else if (count == 0)
        made.end = true;
    else if (errno == EINTR)
        made.later = true;
    else
        made = failure(errno);
    return made;
}

outcome connection::send(std::span<const std::byte> data) noexcept {
    if (fd_ < 0)
        return send_by_wire(data);
    return sent(tls_ ? tls_->send(*this, data) : send_plain(data), data.empty());
}

outcome connection::sent(outcome done, bool nothing) noexcept {
    if (!done.done() && !done.later && !done.error && !nothing)
        done.error = {EPIPE, std::system_category()};
    done.end = false;
    if (done.error && !done.of_file)
        note_error(done.error);
    if (traffic_)
        traffic::add(traffic_->sent, done.size);
    return done;
}

outcome connection::send_plain(std::span<const std::byte> data) noexcept {
    for (;;) {
        const auto count = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            outcome made;
            made.size = static_cast<std::size_t>(count);
            return made;
        }
        if (errno == EINTR)
            continue;
        outcome made = failure(errno);
        if (made.later && (made.error = want_out()))
            made.later = false;
        return made;
    }
}

std::error_code connection::want_out() noexcept {
    writable_ = false;
    if (out_asked_ || wire_)
        return {};
    const std::error_code failed = on_->modify(fd_, base_events | EPOLLOUT);
    out_asked_ = !failed;
    return failed;
}

void connection::abandon(std::span<const std::byte> rest) noexcept {
    if (tls_)
        tls_->abandon(rest);
}

bool connection::in_record() const noexcept {
    return tls_ && tls_->in_record();
}

void connection::end_reading(end_reason reason) noexcept {
    if (reason_ == end_reason::none || reason_ == end_reason::stopping ||
        reason_ == end_reason::idle)
        reason_ = reason;
}

connection::ends connection::give_away() noexcept {
    close_wait_ = close_wait::nothing;
    if (fd_ >= 0)
        on_->remove(fd_);
    return {std::exchange(fd_, -1), std::move(wire_), std::move(tls_)};
}

void connection::announce(std::unique_ptr<const proxy_header> header) noexcept {
    if (header->about == proxy_header::subject::client)
        announce(header->from);
    announced_ = std::move(header);
}

address connection::socket_peer() const {
    if (wire_)
        return wire_->peer();
    return fd_ >= 0 ? peer_address(fd_) : address();
}

address connection::peer() const {
    return peer_.kind == family::none && fd_ >= 0 ? peer_address(fd_) : peer_.expand();
}

address connection::local() const {
    if (wire_)
        return wire_->local();
    return fd_ < 0 ? address{} : local_address(fd_);
}

bool connection::has_error() const noexcept {
    return wire_broken_ || (polled() & POLLERR) != 0;
}

std::error_code connection::pending_error() const noexcept {
    if (wire_broken_)
        return std::make_error_code(std::errc::connection_reset);
    int number = 0;
    ::socklen_t size = sizeof number;
    if (fd_ < 0 || ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
        return {};
    const std::error_code found(number, std::system_category());
    if (found)
        note_error(found);
    return found;
}

} // namespace aio::net
