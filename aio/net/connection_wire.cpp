#include <aio/net/connection.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>

#include <array>
#include <cerrno>

namespace aio::net {

wire::~wire() = default;

void wire::tell(std::uint32_t events) {
    user_->ready(events);
}

namespace {

outcome closed() noexcept {
    outcome made;
    made.error = {EBADF, std::system_category()};
    return made;
}

} // namespace

outcome connection::receive_by_wire(std::span<std::byte> into) noexcept {
    if (!wire_)
        return closed();
    if (broken())
        return broken_again();
    return received(tls_ ? tls_->receive(*this, into) : receive_raw(into));
}

outcome connection::send_by_wire(std::span<const std::byte> data) noexcept {
    if (!wire_)
        return closed();
    return sent(tls_ ? tls_->send(*this, data) : send_raw(data), data.empty());
}

outcome connection::receive_raw(std::span<std::byte> into) noexcept {
    if (fd_ >= 0)
        return receive_plain(into);
    const outcome got = wire_->receive(into);
    if (got.later)
        readable_ = false;
    return got;
}

outcome connection::send_raw(std::span<const std::byte> data) noexcept {
    if (fd_ >= 0)
        return send_plain(data);
    const outcome done = wire_->send(data);
    if (done.later)
        writable_ = false;
    return done;
}

bool connection::discard_by_wire() noexcept {
    std::array<std::byte, 4096> room{};
    for (int i = 0; i < budget; ++i) {
        const outcome got = wire_->receive(room);
        if (!got.done())
            return !got.later;
        unread_ = true;
    }
    return false;
}

} // namespace aio::net
