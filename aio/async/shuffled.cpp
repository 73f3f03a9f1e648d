#include <aio/async/shuffled.hpp>

#include <algorithm>

namespace aio::async {

shuffled::lane& shuffled::lane_of(const void* poster) {
    const auto found = std::ranges::find(lanes_, poster, &lane::poster);
    return found != lanes_.end() ? *found : lanes_.emplace_back(poster, work_queue{});
}

void shuffled::add(work_queue& ready, const void* poster) {
    while (!ready.empty()) {
        work& entry = ready.pop();
        entry.queued = true;
        if (!entry.ordered) {
            free_.push_back(&entry);
            continue;
        }
        lane& owner = lane_of(poster);
        lanes_ready_ += owner.queue.empty();
        owner.queue.push(entry);
    }
}

work& shuffled::take(std::size_t which) noexcept {
    if (which < free_.size()) {
        std::swap(free_[which], free_.back());
        work& entry = *free_.back();
        free_.pop_back();
        entry.queued = false;
        return entry;
    }
    which -= free_.size();
    const auto from = std::ranges::find_if(lanes_, [&](const lane& each) {
        return !each.queue.empty() && which-- == 0;
    });
    work& entry = from->queue.pop();
    lanes_ready_ -= from->queue.empty();
    return entry;
}

void shuffled::remove(work& entry) noexcept {
    if (std::erase(free_, &entry) > 0) {
        entry.queued = false;
        return;
    }
    for (lane& each : lanes_) {
        if (each.queue.empty())
            continue;
        each.queue.remove(entry);
        lanes_ready_ -= each.queue.empty();
    }
}

void shuffled::empty_into(work_queue& ready) noexcept {
    for (lane& each : lanes_)
        ready.append(each.queue);
    for (work* entry : free_)
        ready.push(*entry);
    free_.clear();
    lanes_ready_ = 0;
}

} // namespace aio::async
