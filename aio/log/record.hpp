#pragma once

// One thing that was logged, as handlers and tests see it. Valid only during the call it is handed
// to, on the thread that logged: texts are views.

#include <aio/log/level.hpp>

#include <chrono>
#include <string_view>

namespace aio::log {

struct record {
    level at = level::info;
    std::string_view logger;
    std::string_view message;
    std::chrono::system_clock::time_point time;
};

} // namespace aio::log
