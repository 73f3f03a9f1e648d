#pragma once

// A server whose deadlines the test brings about: its clock moves only when pass() says so.

#include "fake_app.hpp"

#include <aio/async/virtual_clock.hpp>

#include <cstddef>
#include <string>

namespace support {

/// Made before the loop that runs by it.
struct by_hand {
    aio::async::virtual_clock time{aio::async::virtual_clock::moves::by_hand};
};

struct timed : by_hand, server_fixture {
    timed() : server_fixture(time) {}

    ~timed() override { pass(std::chrono::hours(1)); }

    /// Serves on a port of 127.0.0.1, in place of the server before.
    void serve(const std::string& protocol, const std::string& options = "") {
        stop();
        settle();
        stopped = false;
        start("protocol = test." + protocol + "\naddress = 127.0.0.1\nport = 0\n" + options);
    }

    void pass(aio::base::duration time_to_pass) {
        const auto until_then = [](aio::async::virtual_clock& clock,
                                   aio::async::loop& at) -> aio::task<void> {
            co_await clock.settle();
            at.stop();
        };
        time.advance(time_to_pass);
        group.spawn("settle", until_then(time, loop));
        loop.run();
    }

    /// The connections that the server counts as its own.
    std::size_t open() const { return server->unfinished().size(); }
};

} // namespace support
