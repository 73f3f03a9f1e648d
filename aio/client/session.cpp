#include <aio/async/loop.hpp>
#include <aio/client/session.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::client {

void session::protocol_ended(std::exception_ptr why) noexcept {
    const end_handler tell_end = std::exchange(ended_, nullptr);
    if (!tell_end)
        return;
    try {
        tell_end(std::move(why));
    } catch (...) { // no memory
        all_.crash(std::current_exception());
    }
}

void session::left() noexcept {
    if (std::exchange(left_, true))
        return;
    disarm();
    all_.remove(*this);
}

base::duration session::linger_limit(net::close_wait what) const noexcept {
    const bool stops = all_.now >= shared::phase::stopping;
    const bool peer_reads =
        what == net::close_wait::close_notify || (what == net::close_wait::delivery && !stops);
    const base::duration linger = all_.spec().linger;
    if (peer_reads)
        return delivery_limit;
    return stops && what == net::close_wait::peer_end ? std::min(hurried_linger, linger) : linger;
}

void session::arm(base::duration delay) {
    disarm();
    all_.home.add_timer(*this, async::later(all_.home.now(), delay));
}

void session::disarm() noexcept {
    watched_ = watched::limit;
    all_.home.remove_timer(*this);
}

void session::watch_time() {
    disarm();
    const auto& limit = all_.spec().idle_timeout;
    watched_ = limit ? watched::silence : watched::deadlines;
    if (!limit)
        return;
    moved_ = all_.home.now();
    all_.home.add_timer(*this, due());
}

void session::watch_deadline(async::time_point when) {
    if (left_ || watched_ == watched::limit)
        return;
    all_.home.remove_timer(*this);
    all_.home.add_timer(*this, std::min(when, due()));
}

async::time_point session::due() const noexcept {
    if (watched_ != watched::silence)
        return async::never;
    return async::later(moved_, *all_.spec().idle_timeout);
}

// The timer is set once for each silence, not for each message: later messages are seen here.
void session::fire() {
    if (watched_ == watched::limit)
        return expired();
    const bool is_silent = due() <= all_.home.now();
    const async::time_point deadline = check_deadlines();
    if (is_silent)
        moved();
    if (const async::time_point next = std::min(due(), deadline); next != async::never)
        all_.home.add_timer(*this, next);
    if (is_silent)
        silent();
}

std::string text_of_wait(const std::string& who, net::close_wait what, std::size_t unconfirmed) {
    switch (what) {
    case net::close_wait::close_notify:
        return who + " waits for its peer to read, so that it can send the end of TLS";
    case net::close_wait::delivery:
        return fmt::format("{} waits for its peer to receive the last {} bytes", who, unconfirmed);
    case net::close_wait::peer_end:
        return who + " waits for its peer to close";
    case net::close_wait::nothing:
        break;
    }
    return who + " waits for its protocol to close it";
}

} // namespace aio::client
