#pragma once

// One connection under test: our side on a loop, the other a blocking peer. The loop runs on the
// test's thread in `until`, so that nothing needs a lock; peers are used while it stands still.

#include "peer.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/stream_core.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace support {

/// A clock that moves only when a test says so. Made before the loop that runs by it.
struct by_hand {
    aio::async::virtual_clock time{aio::async::virtual_clock::moves::by_hand};
};

/// Calls a function at a moment, before the timers that were set for it later.
struct at_moment final : private aio::async::timer {
    at_moment(aio::async::loop& home, aio::base::duration delay, std::function<void()> function)
        : home_(home), function_(std::move(function)) {
        home.add_timer(*this, home.now() + delay);
    }

    ~at_moment() { home_.remove_timer(*this); }

  private:
    void fire() override { function_(); }

    aio::async::loop& home_;
    std::function<void()> function_;
};

struct loop_under_test {
    loop_under_test() = default;

    explicit loop_under_test(aio::async::virtual_clock& time) : loop("main", 0, time) {}

    aio::async::loop loop;
    std::exception_ptr failure; ///< the first error of a task
    aio::async::task_group group{loop, "", [this](std::string_view, std::exception_ptr why) {
                                     if (!failure)
                                         failure = std::move(why);
                                 }};

    /// Runs the loop until `done`, a minute at most: then the test fails.
    void until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!done()) {
            if (std::chrono::steady_clock::now() > end)
                throw std::runtime_error("it was not done within a minute");
            if (loop.poll() == 0)
                ::usleep(200);
        }
    }

    /// Runs what is ready, and what loopback makes ready within a moment: it may take longer on a
    /// busy machine, so nothing that has to happen may depend on it.
    void settle() {
        for (int i = 0; i < 20; ++i)
            if (loop.poll() == 0)
                ::usleep(500);
    }

    /// Moves the clock of the loop, and runs what becomes ready.
    void pass(aio::async::virtual_clock& time, aio::base::duration amount) {
        const auto until_then = [](aio::async::virtual_clock& clock,
                                   aio::async::loop& at) -> aio::task<void> {
            co_await clock.settle();
            at.stop();
        };
        time.advance(amount);
        group.spawn("settle", until_then(time, loop));
        loop.run();
    }

    /// The client's part runs on a thread of its own while the loop runs here.
    void against(const std::function<void()>& client) {
        std::atomic<bool> done{false};
        std::thread other([&] {
            client();
            done = true;
        });
        until([&] { return done.load(); });
        other.join();
    }

    /// Until the other end has something to read: a blocking receive() would stop the loop.
    void until_readable(peer& other) {
        until([&] { return other.readable(std::chrono::milliseconds(0)); });
    }

    /// Until every task has ended; rethrows the first error.
    void finish() {
        until([this] { return group.empty(); });
        if (failure)
            std::rethrow_exception(std::exchange(failure, nullptr));
    }
};

struct connected : loop_under_test {
    connected() {
        auto [ours, other] = tcp_pair();
        far.emplace(std::move(other));
        near = aio::net::adopt(loop, std::move(ours));
    }

    aio::net::stream near;
    std::optional<peer> far;
};

} // namespace support
