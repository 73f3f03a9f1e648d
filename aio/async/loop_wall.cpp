// The watches that are told when the wall clock is set.

#include <aio/async/loop_engine.hpp>
#include <aio/async/virtual_clock.hpp>

#include <boost/asio/post.hpp>

namespace aio::async {

void loop::watch_wall(wall_watch& watch) {
    if (!simulated_ && !engine_->alarm)
        engine_->alarm.emplace(engine_->io, [this] { wall_was_set(); });
    watch.previous_ = nullptr;
    watch.next_ = watches_;
    if (watches_)
        watches_->previous_ = &watch;
    watches_ = &watch;
}

void loop::unwatch_wall(wall_watch& watch) noexcept {
    (watch.previous_ ? watch.previous_->next_ : watches_) = watch.next_;
    if (watch.next_)
        watch.next_->previous_ = watch.previous_;
    watch.previous_ = watch.next_ = nullptr;
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
        for (wall_watch* next = watches_; next;) {
            wall_watch& told = *next;
            next = next->next_;
            told.wall_set();
        }
    });
}

} // namespace aio::async
