#pragma once

// A server whose deadlines the test brings about: its clock moves only when pass() says so.

#include "fake_app.hpp"

#include <cstddef>
#include <string>

namespace support {

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

    void pass(aio::base::duration time_to_pass) { loop_under_test::pass(time, time_to_pass); }

    /// The connections that the server counts as its own.
    std::size_t open() const { return server->unfinished().size(); }

    /// One of the server's statistics; 0: there is none of this name.
    double count(const std::string& name) const {
        for (const auto& each : server->statistics())
            if (each.name == name)
                return each.value;
        return 0;
    }
};

} // namespace support
