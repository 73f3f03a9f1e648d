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
    stop_first_byte();
    lane_.remove(*this);
}

base::duration session::linger_limit() const noexcept {
    return lane_.shared().limits.linger;
}

std::optional<base::duration> session::write_timeout() const noexcept {
    return lane_.shared().limits.write_timeout;
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
    if (!limit && !first_byte_)
        return;
    moved_ = lane_.home().now();
    if (first_byte_)
        first_byte_->limit = async::later(moved_, *lane_.shared().limits.first_byte_timeout);
    lane_.home().add_timer(*this, due());
}

void session::count_bytes() {
    if (lane_.shared().limits.first_byte_timeout)
        first_byte_ = std::make_unique<first_byte>();
    count_in(first_byte_ ? first_byte_->counted : lane_.traffic());
}

void session::stop_first_byte() noexcept {
    if (!first_byte_)
        return;
    net::traffic& all = lane_.traffic();
    net::traffic::add(all.received, first_byte_->counted.received);
    net::traffic::add(all.sent, first_byte_->counted.sent);
    count_in(all);
    first_byte_.reset();
}

bool session::first_byte_is_late() noexcept {
    const async::time_point now = lane_.home().now();
    if (!first_byte_ || first_byte_->limit > now)
        return false;
    if (first_byte_->counted.received != 0) {
        stop_first_byte();
        return false;
    }
    first_byte_->limit = async::later(now, *lane_.shared().limits.first_byte_timeout);
    return true;
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
    return std::min(silence_due(), first_byte_ ? first_byte_->limit : async::never);
}

async::time_point session::silence_due() const noexcept {
    if (watched_ != watched::silence)
        return async::never;
    return async::later(moved_, *lane_.shared().limits.idle_timeout);
}

// The timer is set once for each silence, not for each message: later messages are seen here.
void session::fire() {
    if (watched_ == watched::limit)
        return expired();
    const bool is_silent = silence_due() <= lane_.home().now();
    const bool is_late = first_byte_is_late();
    const async::time_point deadline = check_deadlines();
    if (is_silent)
        moved();
    if (const async::time_point next = std::min(due(), deadline); next != async::never)
        lane_.home().add_timer(*this, next);
    if (is_silent || is_late)
        silent(is_silent ? refusal::idle : refusal::first_byte);
}

void session::tell_silent(refusal why, const std::string& name) const noexcept {
    refusals& refused = lane_.shared().refused;
    if (why != refusal::idle)
        return refused.note(why, client(), lane_.home().now().time_since_epoch());
    refused.count_only(why);
    debug(name, make_error_code(net::errc::idle));
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
           net::is_own_end(code) || code == net::errc::too_long ||
           dynamic_cast<const net::connection_timeout*>(&error);
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
