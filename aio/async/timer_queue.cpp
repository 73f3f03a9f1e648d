#include <aio/async/timer_queue.hpp>

#include <algorithm>
#include <utility>

namespace aio::async {

namespace {

// Each node of the heap has four children: half the levels of a binary heap, and the children share
// one or two cache lines.
constexpr std::size_t width = 4;

// Loads the next timer into the cache while this one runs.
void fetch(const timer* timer) noexcept {
    const char* const found = reinterpret_cast<const char*>(timer);
    for (std::ptrdiff_t line = -64; line <= 256; line += 64)
        __builtin_prefetch(found + line);
}

} // namespace

void timer_queue::put(std::size_t place, const entry& entry) noexcept {
    heap_[place] = entry;
    seats_[entry.seat].place = static_cast<std::uint32_t>(place);
}

void timer_queue::rise(std::size_t place, entry entry) noexcept {
    while (place > 0) {
        const std::size_t parent = (place - 1) / width;
        if (!entry.before(heap_[parent]))
            break;
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, entry);
}

void timer_queue::sink(std::size_t place, entry entry) noexcept {
    for (;;) {
        const std::size_t first = place * width + 1;
        if (first >= heap_.size())
            break;
        const std::size_t end = std::min(first + width, heap_.size());
        std::size_t least = first;
        for (std::size_t child = first + 1; child < end; ++child)
            if (heap_[child].before(heap_[least]))
                least = child;
        if (!heap_[least].before(entry))
            break;
        put(place, heap_[least]);
        place = least;
    }
    put(place, entry);
}

void timer_queue::make_room(std::size_t count) {
    if (seats_.capacity() < count)
        seats_.reserve(std::max(count, 2 * seats_.capacity()));
    if (heap_.capacity() < count) // the last: add() asks the heap alone
        heap_.reserve(std::max(count, 2 * heap_.capacity()));
}

std::uint32_t timer_queue::take_seat(timer& timer) noexcept {
    if (free_ == timer::nowhere) {
        seats_.push_back({&timer, 0});
        return static_cast<std::uint32_t>(seats_.size() - 1);
    }
    const std::uint32_t taken = free_;
    free_ = seats_[taken].place;
    seats_[taken].who = &timer;
    return taken;
}

void timer_queue::add(timer& timer, time_point deadline, std::uint64_t order) {
    remove(timer);
    if (timer.has_room_)
        --kept_;
    else if (const std::size_t count = heap_.size() + kept_ + 1; heap_.capacity() < count)
        make_room(count);
    timer.seat_ = take_seat(timer);
    const entry added{deadline, order, timer.seat_};
    heap_.push_back(added);
    rise(heap_.size() - 1, added);
}

void timer_queue::remove(timer& timer) noexcept {
    if (!timer.armed())
        return;
    const std::uint32_t left = std::exchange(timer.seat_, timer::nowhere);
    const std::size_t place = seats_[left].place;
    seats_[left] = {nullptr, std::exchange(free_, left)};
    kept_ += timer.has_room_;
    const entry last = heap_.back();
    heap_.pop_back();
    if (last.seat == left)
        return;
    if (place > 0 && last.before(heap_[(place - 1) / width]))
        rise(place, last);
    else
        sink(place, last);
}

void timer_queue::keep_room(timer& timer) {
    if (timer.has_room_)
        return;
    const bool armed = timer.armed(); // then it has a place already
    make_room(heap_.size() + kept_ + !armed);
    kept_ += !armed;
    timer.has_room_ = true;
}

void timer_queue::release(timer& timer) noexcept {
    remove(timer);
    kept_ -= std::exchange(timer.has_room_, false);
}

std::size_t timer_queue::fire(time_point now) {
    const std::uint64_t limit = order_;
    std::size_t fired = 0;
    while (!heap_.empty() && heap_.front().deadline <= now && heap_.front().order < limit) {
        timer& item = *seats_[heap_.front().seat].who;
        remove(item);
        ++fired;
        if (!heap_.empty())
            fetch(seats_[heap_.front().seat].who);
        item.fire();
    }
    return fired;
}

void timer_queue::fire_first() {
    timer& item = *seats_[heap_.front().seat].who;
    remove(item);
    item.fire();
}

} // namespace aio::async
