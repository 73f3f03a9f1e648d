#include <aio/base/exception.hpp>
#include <aio/net/error.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/session.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace aio::server {

void session::leave_lane() noexcept {
    if (std::exchange(left_, true))
        return;
    disarm();
    lane_.remove(*this);
}

base::duration session::linger_limit() const noexcept {
    return lane_.shared().limits.linger;
}

void session::arm(base::duration delay) {
    disarm();
    lane_.home().add_timer(*this, async::later(lane_.home().now(), delay));
}

void session::disarm() noexcept {
    watched_ = watched::limit;
    lane_.home().remove_timer(*this);
}

void session::watch_silence() {
    disarm();
    const auto& limit = lane_.shared().limits.idle_timeout;
    watched_ = limit ? watched::silence : watched::deadlines;
    if (!limit)
        return;
    moved_ = lane_.home().now();
    lane_.home().add_timer(*this, due());
}

void session::watch_deadline(async::time_point when) {
    if (left_ || watched_ == watched::limit)
        return;
    lane_.home().remove_timer(*this);
    lane_.home().add_timer(*this, std::min(when, due()));
}

void session::moved() noexcept {
    if (watched_ == watched::silence)
        moved_ = lane_.home().now();
}

async::time_point session::due() const noexcept {
    if (watched_ != watched::silence)
        return async::never;
    return async::later(moved_, *lane_.shared().limits.idle_timeout);
}

// The timer is set once for each silence, not for each message: later messages are seen here.
void session::fire() {
    if (watched_ == watched::limit)
        return expired();
    const bool is_silent = due() <= lane_.home().now();
    const async::time_point deadline = check_deadlines();
    if (is_silent)
        moved();
    if (const async::time_point next = std::min(due(), deadline); next != async::never)
        lane_.home().add_timer(*this, next);
    if (is_silent)
        silent();
}

namespace {

std::error_code code_of(const std::exception& error) noexcept {
    if (const auto* ours = dynamic_cast<const std::system_error*>(&error))
        return ours->code();
    if (const auto* asios = dynamic_cast<const boost::system::system_error*>(&error))
        return asios->code();
    return {};
}

/// An end of a connection that a network brings about, and no mistake.
bool is_usual(const std::exception& error) noexcept {
    const std::error_code code = code_of(error);
    return code == std::errc::operation_canceled || net::is_disconnect(code) ||
           net::is_own_end(code) || dynamic_cast<const net::connection_timeout*>(&error);
}

} // namespace

void session::report(const std::string& name, std::exception_ptr why) const noexcept {
    log::logger& log = lane_.shared().log;
    const std::string& label = lane_.shared().label;
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& e) {
        if (is_usual(e))
            log.debug("Server({}) {}: {}", label, name, base::message_of(why));
        else
            lane_.shared().failed(name + " failed", why);
    } catch (...) {
        lane_.shared().failed(name + " failed", why);
    }
}

void session::debug(const std::string& name, const std::error_code& why) const noexcept {
    lane_.shared().log.debug("Server({}) {}: {}", lane_.shared().label, name, why.message());
}

} // namespace aio::server
