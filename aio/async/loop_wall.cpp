// Who is told when somebody sets the wall clock.

#include <aio/async/loop_engine.hpp>
#include <aio/async/virtual_clock.hpp>

#include <boost/asio/post.hpp>

namespace aio::async {

void loop::watch_wall(wall_watch& one) {
    one.previous_ = nullptr;
    one.next_ = watches_;
    if (watches_)
        watches_->previous_ = &one;
    watches_ = &one;
    if (!simulated_ && !engine_->alarm)
        engine_->alarm.emplace(engine_->io, [this] { wall_was_set(); });
}

void loop::unwatch_wall(wall_watch& one) noexcept {
    (one.previous_ ? one.previous_->next_ : watches_) = one.next_;
    if (one.next_)
        one.next_->previous_ = one.previous_;
    one.previous_ = one.next_ = nullptr;
}

void loop::call_wall() {
    if (shuffled_ && simulated_->at_work()) {
        post([this] { wall_was_set(); });
        return;
    }
    boost::asio::post(engine_->io, [this] { wall_was_set(); });
}

void loop::wall_was_set() {
    turn([this] {
        for (wall_watch* one = watches_; one;) {
            wall_watch& told = *one;
            one = one->next_;
            told.wall_set();
        }
    });
}

} // namespace aio::async
