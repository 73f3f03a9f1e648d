// How a loop runs by a virtual clock, and how a simulation runs it.

#include <aio/async/loop_engine.hpp>
#include <aio/async/shuffled.hpp>
#include <aio/async/virtual_clock.hpp>

namespace aio::async {

// Time moves only when nothing is ready here, nor on the other loops of the same clock.
void loop::run_virtually() {
    while (!stop_) {
        engine_->io.restart();
        while (!stop_ && engine_->io.poll() > 0) {
        }
        if (stop_)
            break;
        if (timers_.next() <= time_->now())
            fire_timers();
        else if (simulated_->idle(*this) == virtual_clock::state::wait && !stop_)
            engine_->io.run_one();
    }
}

std::unique_ptr<loop> loop::beside(std::string name, std::size_t index) const {
    return shuffled_ ? std::make_unique<loop>(std::move(name), index, *simulated_)
                     : std::make_unique<loop>(std::move(name), index);
}

bool loop::run_along(std::function<void(std::exception_ptr)> failed) {
    if (!shuffled_)
        return false;
    stop_ = false;
    simulated_->run_along(*this, std::move(failed));
    return true;
}

std::size_t loop::choices(time_point now) const noexcept {
    return stop_ ? 0 : shuffled_->choices() + (timers_.next() <= now);
}

void loop::step(std::size_t which) {
    turn([&] {
        if (which >= shuffled_->choices()) {
            timers_.fire_first();
            return;
        }
        work& entry = shuffled_->take(which);
        entry.act(entry, verdict::run);
    });
}

void loop::shuffle(const void* poster) noexcept {
    shuffled_->add(ready_, poster);
}

void loop::take_outside() {
    work_queue all;
    {
        const std::lock_guard lock(remote_mutex_);
        remote_called_ = false;
        all.append(remote_);
    }
    shuffled_->add(all, nullptr);
}

std::size_t loop::poll_engine() {
    engine_->io.restart();
    return engine_->io.poll();
}

void loop::wait_for_engine(duration at_most) {
    engine_->io.restart();
    engine_->io.run_one_for(at_most);
}

} // namespace aio::async
