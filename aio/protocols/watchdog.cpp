#include <aio/protocols/watchdog.hpp>

#include <algorithm>

namespace aio::protocols {

void watchdog::begin_watch() {
    home().keep_room(*this);
    if (limits_of_silence().first_byte)
        first_byte_ = std::make_unique<first_byte>();
    count_in(first_byte_ ? first_byte_->counted : all_traffic());
}

void watchdog::stop_first_byte() noexcept {
    if (!first_byte_)
        return;
    net::traffic& all = all_traffic();
    net::traffic::add(all.received, first_byte_->counted.received);
    net::traffic::add(all.sent, first_byte_->counted.sent);
    count_in(all);
    first_byte_.reset();
}

void watchdog::arm(base::duration delay) {
    disarm();
    home().add_timer(*this, async::later(home().now(), delay));
}

void watchdog::disarm() noexcept {
    watched_ = watched::limit;
    home().remove_timer(*this);
}

bool watchdog::end_watch() noexcept {
    if (watched_ == watched::ended)
        return false;
    home().release_timer(*this);
    watched_ = watched::ended;
    stop_first_byte();
    return true;
}

void watchdog::watch_time() {
    disarm();
    const silence_limits limits = limits_of_silence();
    watched_ = limits.idle ? watched::silence : watched::deadlines;
    if (!limits.idle && !first_byte_)
        return;
    moved_ = home().now();
    if (first_byte_)
        first_byte_->limit = async::later(moved_, *limits.first_byte);
    home().add_timer(*this, due());
}

void watchdog::watch_deadline(async::time_point when) {
    if (watched_ != watched::silence && watched_ != watched::deadlines)
        return;
    home().remove_timer(*this);
    home().add_timer(*this, std::min(when, due()));
}

async::time_point watchdog::due() const noexcept {
    return std::min(idle_due(), first_byte_ ? first_byte_->limit : async::never);
}

async::time_point watchdog::idle_due() const noexcept {
    return watches_silence() ? async::later(moved_, *limits_of_silence().idle) : async::never;
}

bool watchdog::first_byte_is_late(async::time_point now) noexcept {
    if (!first_byte_ || first_byte_->limit > now)
        return false;
    if (first_byte_->counted.received != 0) {
        stop_first_byte();
        return false;
    }
    first_byte_->limit = async::later(now, *limits_of_silence().first_byte);
    return true;
}

// The timer is set once for each silence, not for each message: later messages are seen here.
void watchdog::fire() {
    if (watched_ == watched::limit)
        return expired();
    const async::time_point now = home().now();
    const bool is_over = idle_due() <= now;
    const bool is_idle = is_over && !is_taken();
    const bool is_late = first_byte_is_late(now);
    const async::time_point deadline = check_deadlines();
    if (is_over)
        moved(now);
    if (const async::time_point next = std::min(due(), deadline); next != async::never)
        home().add_timer(*this, next);
    if (is_idle || is_late)
        silent(is_idle ? silence::idle : silence::first_byte);
}

} // namespace aio::protocols
