#include "aio.hpp"
#include "measure.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/task_group.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>

namespace asio = boost::asio;

namespace bench {

namespace {

constexpr std::int64_t batch = 100;

aio::task<void> end_at_once(std::int64_t& count) {
    ++count;
    co_return;
}

aio::task<void> suspend_once(std::int64_t& count) {
    co_await asio::post(asio::use_awaitable);
    ++count;
}

/// As the peer does it, but by a group: owned, named, cancellable, listed for SIGUSR2.
aio::task<void>
spawn_often(aio::async::loop& at, aio::task<void> (*body)(std::int64_t&), double secs) {
    aio::async::task_group group(at, "service/bench");
    std::int64_t count = 0;
    turns batches(secs, 10);
    do {
        for (std::int64_t i = 0; i < batch; ++i)
            group.spawn("a task of it", body(count));
        while (!group.empty())
            co_await asio::post(asio::use_awaitable);
    } while (batches.next());
    print(
        body == suspend_once ? "spawn/suspends" : "spawn/ends", 1e9 / batch / batches.per_second()
    );
    at.stop();
}

/// All that is written and linked of a task that suspends once so that somebody may ask for it:
/// whose it is, its name, its place in a list, what it awaits and since when. The list of its group
/// is not for that: who can be cancelled and awaited has to be in one anyway.
void watch(aio::async::loop& at, double secs) {
    aio::async::runner* tasks[batch];
    for (auto& member : tasks)
        member = &aio::async::runner::take(at);
    aio::async::task_node_list of_loop;
    turns batches(secs, 10);
    do {
        for (auto* member : tasks) {
            member->call("a task of it", "service/bench");
            member->since = at.now();
            of_loop.add(*member);
            member->awaits = "post";
            member->since = at.now();
        }
        for (auto* member : tasks) {
            member->awaits = nullptr;
            member->since = at.now();
            of_loop.remove(*member);
            member->name.clear();
            member->owner = {};
            member->describe = nullptr;
        }
    } while (batches.next());
    print("watch", 1e9 / batch / batches.per_second());
    for (auto* member : tasks)
        member->park();
}

} // namespace

void spawn_tasks(double secs) {
    for (const auto body : {end_at_once, suspend_once}) {
        aio::async::loop at;
        aio::async::task_group group(at, "bench");
        at.post([&] { group.spawn("spawns", spawn_often(at, body, secs)); }); // on the running loop
        at.run();
    }
    aio::async::loop at;
    at.post([&] {
        watch(at, secs);
        at.stop();
    });
    at.run();
}

} // namespace bench
