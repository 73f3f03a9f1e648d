#pragma once

// A record, as handlers and tests get it. Its texts are views: it is valid only during the call
// that receives it, on the thread that logged.

#include <aio/log/level.hpp>

#include <chrono>
#include <string_view>

namespace aio::log {

struct record {
    level severity = level::info;
    std::string_view logger;
    std::string_view message;
    std::chrono::system_clock::time_point time;
};

} // namespace aio::log
