// How a connection ends: in order, or at once.

#include <aio/net/connection.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace aio::net {

bool connection::half_close() noexcept {
    if (!open() || half_closed_)
        return true;
    if (tls_ && !tls_->shutdown(*this))
        return false;
    end_sending();
    return true;
}

void connection::end_sending() noexcept {
    half_closed_ = true;
    if (wire_)
        wire_->half_close();
    else
        ::shutdown(fd_, SHUT_WR);
}

bool connection::discard() noexcept {
    if (wire_)
        return discard_by_wire();
    for (int i = 0; i < budget; ++i) {
        const auto count = ::recv(fd_, nullptr, 1 << 20, MSG_TRUNC);
        if (count > 0)
            unread_ = true;
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
            return true;
        else if (errno == EAGAIN)
            return false;
    }
    return false;
}

std::size_t connection::unconfirmed() const noexcept {
    if (wire_)
        return wire_->unconfirmed();
    const int our_end = half_closed_ ? 1 : 0; // it counts as a byte
    int bytes = 0;
    if (fd_ < 0 || ::ioctl(fd_, SIOCOUTQ, &bytes) != 0 || bytes <= our_end)
        return 0;
    return static_cast<std::size_t>(bytes - our_end);
}

bool connection::finish() noexcept {
    return linger();
}

bool connection::linger() noexcept {
    if (open())
        close_wait_ = continue_close();
    if (!lingering())
        close_now();
    return !lingering();
}

close_wait connection::continue_close() noexcept {
    if (tls_ && !tls_->shutdown(*this))
        return close_wait::close_notify;
    if (reason_ == end_reason::peer || peer_.kind == family::none || discard())
        return close_wait::nothing;
    if (!unread_ && unconfirmed() == 0)
        return close_wait::nothing;
    if (!half_closed_)
        end_sending();
    // The peer's confirmation of our end is an event if room to send is asked for. It may come
    // before that, so the second look follows the request.
    if (unconfirmed() != 0 && !want_out() && unconfirmed() != 0)
        return close_wait::delivery;
    return unread_ ? close_wait::peer_end : close_wait::nothing;
}

void connection::reset() noexcept {
    if (wire_)
        std::exchange(wire_, nullptr)->close(wire::closing::reset);
    if (fd_ < 0)
        return close_now();
    const ::linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close_now();
}

void connection::close_now() noexcept {
    close_wait_ = close_wait::nothing;
    readable_ = writable_ = true; // the next operation finds a closed connection
    if (wire_)
        std::exchange(wire_, nullptr)->close(wire::closing::end);
    if (fd_ < 0)
        return;
    on_->close(std::exchange(fd_, -1));
}

} // namespace aio::net
