#include <aio/client/reconnect.hpp>

#include <stdexcept>

namespace aio::client {

reconnect_action
reconnect::step(reconnect_event what, base::duration now, std::minstd_rand& chance) {
    using event = reconnect_event;
    if (what == event::started) {
        *this = reconnect(rules_);
        return dial();
    }
    if (what == event::failed && phase_ == phase::dialing)
        return after_failure(chance);
    if (what == event::connected && phase_ == phase::dialing) {
        phase_ = phase::up;
        failures_ = 0;
        up_since_ = now;
        return {reconnect_action::kind::serve};
    }
    if (what == event::ended && phase_ == phase::up)
        return after_end(now - up_since_, chance);
    if (what == event::waited && phase_ == phase::waiting)
        return dial();
    throw std::logic_error("an event of a client that cannot come now");
}

reconnect_action reconnect::dial() noexcept {
    phase_ = phase::dialing;
    return {reconnect_action::kind::dial};
}

reconnect_action reconnect::after_failure(std::minstd_rand& chance) {
    ++failures_;
    if (rules_.attempts && failures_ >= *rules_.attempts) {
        phase_ = phase::crashed;
        return {reconnect_action::kind::crash};
    }
    return wait(row_.next(rules_.backoff, rules_.backoff_max, chance));
}

reconnect_action reconnect::after_end(base::duration lasted, std::minstd_rand& chance) {
    if (!row_.lasted(lasted, rules_.steady))
        return wait(row_.next(rules_.backoff, rules_.backoff_max, chance));
    const base::duration most = rules_.backoff > rules_.backoff_max / rules_.spread_factor
                                    ? rules_.backoff_max
                                    : rules_.backoff * rules_.spread_factor;
    return wait(row_.take(resilience::spread(most, chance)));
}

reconnect_action reconnect::wait(base::duration pause) noexcept {
    phase_ = phase::waiting;
    return {reconnect_action::kind::wait, pause};
}

} // namespace aio::client
