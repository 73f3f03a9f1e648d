// What an emit costs beside boost::signals2 and beside awaiting the listeners in turn.
// Prints medians of rounds in nanoseconds per emit, and the ratio (peer / ours).

#include <aio/async/loop.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/task_group.hpp>
#include <aio/signal/bus.hpp>

#include <boost/signals2/signal.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <any>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

long counted = 0;

struct counter {
    long* of;

    void operator()(const aio::signal::event&) const { ++*of; }
};

aio::task<void> count_in_coroutine(const aio::signal::event&) {
    ++counted;
    co_return;
}

// The peer of the coroutines: a list of functions, each awaited before the next is called.
struct in_turn {
    std::vector<std::function<aio::task<void>(const aio::signal::event&)>> all;

    aio::task<void> emit(std::string name, std::any data) {
        const std::string nobody;
        const aio::signal::event what(name, data, nobody);
        for (auto& one : all)
            co_await one(what);
    }
};

struct measured {
    std::vector<double> ours;
    std::vector<double> peer;

    static double median(std::vector<double> of) {
        std::ranges::sort(of);
        return of[of.size() / 2];
    }

    void print(const char* what, std::size_t listeners) const {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < ours.size(); ++i)
            ratios.push_back(peer[i] / ours[i]);
        fmt::print(
            "{:<12} {:>5} listeners: ours {:>9.1f} ns  peer {:>9.1f} ns  ratio {:.2f}\n",
            what,
            listeners,
            median(ours),
            median(peer),
            median(ratios)
        );
    }
};

double per(steady::time_point start, std::size_t times) {
    return std::chrono::duration<double, std::nano>(steady::now() - start).count() /
           static_cast<double>(times);
}

aio::task<void> bench_plain(aio::async::loop& at, std::size_t listeners) {
    aio::signal::bus bus(at);
    boost::signals2::signal<void(const aio::signal::event&)> peer;
    for (std::size_t i = 0; i < listeners; ++i) {
        bus.listen("a-signal", counter{&counted});
        peer.connect(counter{&counted});
    }
    const std::size_t times = 2000000 / (listeners + 9);
    const std::string name = "a-signal";
    const std::string nobody;
    measured all;
    for (int round = 0; round < 15; ++round) {
        auto start = steady::now();
        for (std::size_t i = 0; i < times; ++i)
            co_await bus.emit("a-signal", 42);
        all.ours.push_back(per(start, times));
        start = steady::now();
        for (std::size_t i = 0; i < times; ++i) {
            const std::any data = 42;
            peer(aio::signal::event(name, data, nobody));
        }
        all.peer.push_back(per(start, times));
    }
    all.print("plain", listeners);
}

aio::task<void> bench_coroutines(aio::async::loop& at, std::size_t listeners) {
    aio::signal::bus bus(at);
    in_turn peer;
    for (std::size_t i = 0; i < listeners; ++i) {
        bus.listen("a-signal", aio::signal::listener(count_in_coroutine, nullptr));
        peer.all.push_back(count_in_coroutine);
    }
    const std::size_t times = 1000000 / (listeners + 9);
    measured all;
    for (int round = 0; round < 15; ++round) {
        auto start = steady::now();
        for (std::size_t i = 0; i < times; ++i)
            co_await bus.emit("a-signal", 42);
        all.ours.push_back(per(start, times));
        start = steady::now();
        for (std::size_t i = 0; i < times; ++i)
            co_await peer.emit("a-signal", 42);
        all.peer.push_back(per(start, times));
    }
    all.print("coroutines", listeners);
}

aio::task<void> nothing() {
    co_return;
}

aio::task<void> bench_start(aio::async::loop& at) {
    struct nobody final : aio::async::keeper {
        void ended(aio::async::runner&, std::exception_ptr) noexcept override {}
    } keeper;

    constexpr std::size_t times = 200000;
    measured all;
    std::exception_ptr why;
    for (int round = 0; round < 15; ++round) {
        auto start = steady::now();
        for (std::size_t i = 0; i < times; ++i)
            aio::async::start_inline(at, nothing(), keeper, why);
        all.ours.push_back(per(start, times));
        start = steady::now();
        for (std::size_t i = 0; i < times; ++i)
            co_await nothing();
        all.peer.push_back(per(start, times));
    }
    all.print("start_inline", 1);
}

aio::task<void> bench_all(aio::async::loop& at, std::vector<std::size_t> sizes) {
    for (std::size_t listeners : sizes)
        co_await bench_plain(at, listeners);
    for (std::size_t listeners : sizes)
        co_await bench_coroutines(at, listeners);
    co_await bench_start(at);
    at.stop();
}

} // namespace

// signal_bench [LISTENERS]...
int main(int argc, char** argv) {
    std::vector<std::size_t> sizes;
    for (int i = 1; i < argc; ++i)
        sizes.push_back(std::stoul(argv[i]));
    if (sizes.empty())
        sizes = {1, 10, 1000};
    aio::async::loop at;
    aio::async::task_group group(at);
    at.post([&] { group.spawn("bench", bench_all(at, sizes)); });
    at.run();
    return counted > 0 ? 0 : 1;
}
