#include <aio/client/callback_session.hpp>
#include <aio/protocols/handler.hpp>

#include <system_error>
#include <utility>
#include <variant>

namespace aio::client {

callback_session::callback_session(
    shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
)
    : session_over(poller, fd, peer, all, std::move(ended)) {}

// The constructor of a protocol may throw: that is an error of the protocol.
void callback_session::begin(std::string early) {
    std::unique_ptr<net::protocol> made;
    try {
        begin_watch();
        start();
        if (secured()) { // data that came with the end of the handshake has no event of its own
            try_again();
            on().defer(*this);
        }
        made = std::get<protocols::protocol_maker>(*all_.plan->protocol)(*all_.given);
        watch_time();
    } catch (...) {
        close_now();
        depart();
        throw;
    }
    begun_ = true;
    transport_core::max_buffered(all_.spec().max_buffered);
    transport_core::begin(std::move(made), std::move(early));
}

void callback_session::over() noexcept {
    if (begun_)
        tell_end();
    delete this;
}

void callback_session::lingers() noexcept {
    tell_end();
    session_over::lingers();
}

void callback_session::crashed(std::exception_ptr why) noexcept {
    if (!crash_)
        crash_ = std::move(why);
}

// connection_lost has returned.
void callback_session::tell_end() noexcept {
    const std::error_code why = transport_core::why();
    if (!crash_ && why)
        crash_ = std::make_exception_ptr(std::system_error(why));
    protocol_ended(std::exchange(crash_, nullptr));
}

std::string callback_session::unfinished() const {
    return what_it_awaits();
}

} // namespace aio::client
