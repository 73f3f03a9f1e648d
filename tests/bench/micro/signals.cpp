#include "aio.hpp"
#include "measure.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/signal/bus.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

namespace {

using aio::signal::event;

/// A plain listener; each is its own object, so that the bus does not take them for one.
struct counter {
    std::int64_t* count;

    void operator()(const event& what) const { *count += what.data<int>(); }
};

aio::task<void> count_up(std::int64_t& count, int value) {
    count += value;
    co_return;
}

struct coroutine_counter {
    std::int64_t* count;

    aio::task<void> operator()(const event& what) const {
        return count_up(*count, what.data<int>());
    }
};

aio::task<void>
emit_often(aio::async::loop& at, aio::signal::bus& bus, std::string_view emitter, turns& emits) {
    do {
        co_await bus.emit("a-signal", 1, emitter);
    } while (emits.next());
    at.stop();
}

template <typename Listener>
double emits_per_second(
    std::size_t size,
    double secs,
    std::string_view emitter = {},
    std::string_view listened = "a-signal"
) {
    std::int64_t count = 0;
    aio::async::loop at;
    aio::signal::bus bus(at);
    for (std::size_t i = 0; i < size; ++i)
        bus.listen(listened, aio::signal::listener(Listener{&count}, nullptr));
    turns emits(secs, batch_for(size));
    aio::async::task_group group(at, "bench");
    at.post([&] { group.spawn("emits", emit_often(at, bus, emitter, emits)); }
    ); // on the running loop
    at.run();
    return count != 0 ? emits.per_second() : 0;
}

} // namespace

void emit_signals(double secs) {
    for (const std::size_t listeners : {1, 10, 1000}) {
        print("plain/" + std::to_string(listeners), emits_per_second<counter>(listeners, secs));
        print(
            "coroutine/" + std::to_string(listeners),
            emits_per_second<coroutine_counter>(listeners, secs)
        );
        // An emit that names its emitter does not take the short way (aio/signal/near.hpp): the
        // difference is what that way is worth.
        print(
            "plain_far/" + std::to_string(listeners),
            emits_per_second<counter>(listeners, secs, "me")
        );
        print(
            "coroutine_far/" + std::to_string(listeners),
            emits_per_second<coroutine_counter>(listeners, secs, "me")
        );
        // The name of the signal is heard by patterns only.
        print(
            "pattern_far/" + std::to_string(listeners),
            emits_per_second<counter>(listeners, secs, "me", "a-*")
        );
    }
}

} // namespace bench
