#include <aio/async/shuffled.hpp>

#include <algorithm>

namespace aio::async {

shuffled::lane& shuffled::lane_of(const void* poster) {
    const auto found = std::ranges::find(lanes_, poster, &lane::poster);
    return found != lanes_.end() ? *found : lanes_.emplace_back(poster, work_queue{});
}

void shuffled::add(work_queue& ready, const void* poster) {
    while (!ready.empty()) {
        work& one = ready.pop();
        one.queued = true;
        if (!one.ordered) {
            free_.push_back(&one);
            continue;
        }
        lane& to = lane_of(poster);
        lanes_ready_ += to.queue.empty();
        to.queue.push(one);
    }
}

work& shuffled::take(std::size_t which) noexcept {
    if (which < free_.size()) {
        std::swap(free_[which], free_.back());
        work& one = *free_.back();
        free_.pop_back();
        one.queued = false;
        return one;
    }
    which -= free_.size();
    const auto from = std::ranges::find_if(lanes_, [&](const lane& each) {
        return !each.queue.empty() && which-- == 0;
    });
    work& one = from->queue.pop();
    lanes_ready_ -= from->queue.empty();
    return one;
}

void shuffled::remove(work& one) noexcept {
    if (std::erase(free_, &one) > 0) {
        one.queued = false;
        return;
    }
    for (lane& each : lanes_) {
        if (each.queue.empty())
            continue;
        each.queue.remove(one);
        lanes_ready_ -= each.queue.empty();
    }
}

void shuffled::empty_into(work_queue& ready) noexcept {
    for (lane& each : lanes_)
        ready.append(each.queue);
    for (work* one : free_)
        ready.push(*one);
    free_.clear();
    lanes_ready_ = 0;
}

} // namespace aio::async
