#include <aio/testing/fate.hpp>

namespace aio::testing {

fate& fate::late(base::duration latency, base::duration jitter) noexcept {
    for (way* each : {&to_server, &to_client}) {
        each->latency = latency;
        each->jitter = jitter;
    }
    connecting = 2 * latency;
    return *this;
}

fate& fate::slow(std::uint64_t bytes_per_second) noexcept {
    to_server.bandwidth = to_client.bandwidth = bytes_per_second;
    return *this;
}

fate& fate::breaks(toward direction, fault how, std::uint64_t after) noexcept {
    of(direction).then = how;
    of(direction).after = after;
    return *this;
}

fate& fate::refuses() noexcept {
    to_connect = answer::refuse;
    return *this;
}

fate& fate::keeps_silent() noexcept {
    to_connect = answer::silence;
    return *this;
}

} // namespace aio::testing
