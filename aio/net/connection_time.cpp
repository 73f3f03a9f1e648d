#include <aio/net/connection.hpp>

#include <utility>

namespace aio::net {

connection::timing& connection::timed() {
    if (!timing_) {
        timing_ = std::make_unique<timing>();
        timing_->limits.set({.reading = {}, .writing = usual_patience()});
    }
    return *timing_;
}

void connection::expires_at(async::time_point when) {
    if (!timing_ && when == async::never)
        return;
    timed().limits.expires_at(when);
    move_timer();
}

void connection::set_patience(const net::patience& wanted) {
    timed().limits.set(wanted);
    move_timer();
}

void connection::shorten_patience(base::duration most) {
    timed().limits.shorten(side::writing, most, on_->home().now());
    move_timer();
}

void connection::move_timer() {
    if (const auto when = timing_->limits.move_timer())
        set_timer(*when);
}

void connection::time_wait(side which) {
    if (!timing_ && !usual_patience())
        return;
    const async::time_point now = on_->home().now();
    timed().limits.begin(which, now);
    if (timing_->limits.expire(which, now))
        return time_is_up(which);
    if (which == side::writing)
        timing_->unconfirmed = unconfirmed();
    move_timer();
}

// The system tells of room to send only when there is a lot: a slow peer may take data without an
// event for longer than the patience.
bool connection::peer_goes_on() noexcept {
    const std::size_t left = unconfirmed();
    return left < std::exchange(timing_->unconfirmed, left);
}

async::time_point connection::check_time() noexcept {
    if (!timing_)
        return async::never;
    deadlines& limits = timing_->limits;
    const async::time_point now = on_->home().now();
    if (limits.over(side::writing, now) == deadlines::end::patience && peer_goes_on())
        limits.progress(side::writing, now);
    for (const side which : {side::reading, side::writing})
        if (limits.expire(which, now)) {
            if (which == side::reading) // the event of data may wait behind this timer
                try_again();
            time_is_up(which);
        }
    return limits.timer_fired();
}

} // namespace aio::net
