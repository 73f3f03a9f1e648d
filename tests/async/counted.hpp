#pragma once

// A timer that notes its number when it fires.

#include <aio/async/timer_queue.hpp>

#include <vector>

namespace test {

struct counted final : aio::async::timer {
    explicit counted(std::vector<int>& to_, int number_) : to(to_), number(number_) {}

    void fire() override { to.push_back(number); }

    std::vector<int>& to;
    int number;
};

} // namespace test
