#include <aio/net/error.hpp>
#include <aio/server/callback_session.hpp>
#include <aio/server/lane.hpp>

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <variant>

namespace aio::server {

callback_session::~callback_session() {
    lane_.remove(*this);
}

void callback_session::begin() {
    start();
    shaking_ = secured();
    if (shaking_)
        arm(handshake_limit);
    else
        serve();
}

void callback_session::serve() noexcept {
    std::unique_ptr<net::protocol> made;
    try {
        made = std::get<protocol_maker>(lane_.shared().with)(lane_.shared().given);
        watch_silence();
    } catch (...) {
        crashed(std::current_exception());
        close_now();
        return depart();
    }
    transport_core::begin(std::move(made));
}

void callback_session::ready(std::uint32_t events) {
    if (shaking_)
        shake_hands(events);
    else
        transport_core::ready(events);
}

void callback_session::shake_hands(std::uint32_t events) {
    note(events);
    const net::outcome came = handshake();
    if (came.later)
        return;
    if (!came.done())
        return give_up(came.end ? make_error_code(net::errc::truncated) : came.error);
    shaking_ = false;
    disarm();
    // What came right behind the handshake has no event of its own any more.
    on().defer(*this);
    serve();
}

void callback_session::give_up(const std::error_code& why) noexcept {
    debug(who() + ": TLS handshake", why);
    close_now();
    over();
}

void callback_session::over() noexcept {
    delete this;
}

void callback_session::crashed(std::exception_ptr why) noexcept {
    report(who(), std::move(why));
}

void callback_session::tell() noexcept {
    if (shaking_)
        give_up(make_error_code(std::errc::operation_canceled));
    else if (lingering())
        arm(hurried_linger);
    else
        end_input();
}

void callback_session::cancel() noexcept {
    if (lingering())
        stop_lingering();
    else
        fail(make_error_code(std::errc::operation_canceled));
}

void callback_session::silent() noexcept {
    debug(who(), make_error_code(net::errc::idle));
    if (buffered() != 0)
        fail(make_error_code(net::errc::idle));
    else
        transport_core::close();
}

void callback_session::expired() noexcept {
    if (shaking_)
        give_up(make_error_code(net::errc::handshake_timeout));
    else
        stop_lingering();
}

std::string callback_session::who() const {
    const std::string peer = connection::peer().text();
    return "connection from " + (peer.empty() ? "a unix socket" : peer);
}

std::string callback_session::unfinished() const {
    return fmt::format("{} has {} bytes left to send", who(), buffered());
}

} // namespace aio::server
