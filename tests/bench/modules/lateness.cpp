// What S8 runs: a schedule that notes how late each run is, and a listener that says it at the end.
#include "../lateness.hpp"

#include <aio/module.hpp>

#include <charconv>
#include <cstdio>
#include <string>

namespace {

// One process measures one app: the module may keep its figures here.
bench::lateness_log& figures() {
    static bench::lateness_log all(10000, std::chrono::seconds(1));
    return all;
}

// "s17" is number 17.
std::size_t number_of(const std::string& schedule) {
    std::size_t number = 0;
    std::from_chars(schedule.data() + 1, schedule.data() + schedule.size(), number);
    return number;
}

// The first run is the start itself: 10,000 of them take their time, by which the grid of the
// others is not to be judged.
void fire(aio::scheduled_event event) {
    if (event.run() == 1)
        return;
    const auto now = std::chrono::steady_clock::now();
    const auto due = [&] {
        const auto late = std::chrono::system_clock::now() - event.due();
        return now - std::chrono::duration_cast<std::chrono::nanoseconds>(late);
    };
    figures().add(number_of(event.name()), event.run() - 2, due, now);
}

void report(aio::signal_event) {
    std::puts(figures().report(std::chrono::steady_clock::now()).c_str());
    std::fflush(stdout);
}

} // namespace

AIO_MODULE(bench.lateness) {
    module.schedule("fire", fire);
    module.listener("report", report);
}
